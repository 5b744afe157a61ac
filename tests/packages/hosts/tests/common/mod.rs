//! Tests in their own processes. What a test does to its process harms no other test. If it hangs, SIGALRM ends it.

use std::ffi::c_int;

use tramp_rt::Trampoline;

/// The signature of most trampolines here.
pub type Get = unsafe extern "C" fn() -> u64;

/// Set for the child.
const ALONE: &str = "HOSTS_TEST_ALONE";

/// Runs `body` in its own process, for so many seconds at most.
pub fn alone(name: &str, seconds: u32, body: fn()) {
    if std::env::var_os(ALONE).is_some() {
        // SAFETY: asks for a signal.
        unsafe { libc::alarm(seconds) };
        body();
        return;
    }
    let child = tramp_test_support::alone(name).env(ALONE, "1").output().expect("a child process");
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "{}\n{out}\n{err}", child.status);
    assert!(out.contains("1 passed"), "the child ran another test:\n{out}");
}

/// A closure of a word, which lies in its slot.
#[allow(dead_code, reason = "not by every test")]
pub fn narrow(number: u64) -> Trampoline<Get> {
    Trampoline::new(move || number).expect("a slot")
}

/// A closure of several words, which lies on the heap.
#[allow(dead_code, reason = "not by every test")]
pub fn wide(number: u64) -> Trampoline<Get> {
    let parts = [number / 2, number / 3, number - number / 2 - number / 3];
    Trampoline::new(move || parts.iter().sum()).expect("a slot")
}

/// What its closure returns.
#[allow(dead_code, reason = "not by every test")]
pub fn call(get: &Trampoline<Get>) -> u64 {
    // SAFETY: live for as long as it is borrowed.
    unsafe { get.as_fn()() }
}

/// Creates, calls and drops `count` trampolines of both sizes that return `tag` and their number.
#[allow(dead_code, reason = "not by every test")]
pub fn create_call_and_drop(tag: u64, count: u64) {
    let value = |n| (tag << 32) + n;
    let live: Vec<_> = (0..count).map(|n| if n % 2 == 0 { narrow(value(n)) } else { wide(value(n)) }).collect();
    for (n, get) in (0..).zip(&live) {
        assert_eq!(call(get), value(n), "closures are crossed");
    }
}

/// Waits for a child process, which must succeed.
#[allow(dead_code, reason = "not by every test")]
pub fn join(child: c_int) {
    let mut status = 0;
    // SAFETY: writes the status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the forked child: signal {}, status {}", libc::WTERMSIG(status), libc::WEXITSTATUS(status));
}

/// Forks. The child runs `body` and ends. A panic there is an abort. If it hangs, SIGALRM ends it.
#[allow(dead_code, reason = "not by every test")]
pub fn fork(body: impl FnOnce()) -> c_int {
    struct Abort;
    impl Drop for Abort {
        fn drop(&mut self) {
            std::process::abort();
        }
    }
    // SAFETY: that the child goes on as if nothing had happened is what is tried.
    let child = unsafe { libc::fork() };
    assert_ne!(child, -1, "fork(2)");
    if child == 0 {
        let abort = Abort;
        // SAFETY: alarms are not inherited, see fork(2); ends the process without running what belongs to the parent.
        unsafe {
            libc::alarm(100);
            body();
            std::mem::forget(abort);
            libc::_exit(0);
        }
    }
    child
}
