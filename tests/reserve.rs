//! A stock of slots. After `reserve`, no system call is needed, and the kernel itself checks this.

#![cfg(target_os = "linux")] // by seccomp(2)
#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of live trampolines, and of libc in child processes")]

use std::os::unix::process::ExitStatusExt;

use tramp_rt::{Trampoline, diagnostics};
use tramp_test_support::occupy_direct_slots;

type Get = unsafe extern "C" fn() -> usize;
/// Its context travels on the stack on every processor.
type Many = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i64;

/// As many as three regions have on x86-64, so that no slot is left besides the stock.
const COUNT: usize = 3 * 32 * 254;
const CASE: &str = "TRAMP_TEST_RESERVE";
/// What the child prints if it gets through.
const DONE: &str = "done in the sandbox\n";

/// Makes the kernel kill the process for any system call, except those for the end of the test. Returns false if the
/// kernel has no filters.
fn enter_sandbox() -> bool {
    // The first word of `struct seccomp_data` is the number: seccomp(2).
    let statement = |code: u32, k| libc::sock_filter { code: u16::try_from(code).expect("it fits"), jt: 0, jf: 0, k };
    let allow_if = |number: libc::c_long| libc::sock_filter {
        code: u16::try_from(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K).expect("it fits"),
        jt: 0,
        jf: 1,
        k: u32::try_from(number).expect("a number"),
    };
    let (allow, kill) = (
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS),
    );
    let mut filter = [
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        allow_if(libc::SYS_write),
        allow,
        allow_if(libc::SYS_exit_group),
        allow,
        kill,
    ];
    let program = libc::sock_fprog { len: u16::try_from(filter.len()).expect("short"), filter: filter.as_mut_ptr() };
    let (one, zero) = (1 as libc::c_ulong, 0 as libc::c_ulong);
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, one, zero, zero, zero) }, 0);
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program, zero, zero) == 0 }
}

/// Writes and exits with only two system calls.
fn exit(message: &str) -> ! {
    unsafe {
        libc::write(1, message.as_ptr().cast(), message.len());
        libc::_exit(0)
    }
}

/// Ends the process if `condition` does not hold. A panic would need system calls that the sandbox forbids.
fn check(condition: bool) {
    if !condition {
        exit("wrong\n");
    }
}

/// Runs `test` in a process of its own. Returns the signal that ended it, and its output.
fn alone(name: &str, test: fn()) -> Option<(Option<i32>, String)> {
    if std::env::var(CASE).is_ok() {
        test();
        std::process::exit(0);
    }
    if std::env::var_os("TRAMP_TEST_RUNNER").is_some() {
        eprintln!("{name}: skipped, emulators have no filters");
        return None;
    }
    let child = tramp_test_support::alone(name).env(CASE, "1").output().expect("a child process");
    let said = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    Some((child.status.signal(), said))
}

fn widened(n: usize) -> i64 {
    i64::try_from(n).unwrap_or_default()
}

#[test]
fn with_a_stock_there_is_no_system_call() {
    let ended = alone("with_a_stock_there_is_no_system_call", || {
        Trampoline::<Get>::reserve(COUNT).expect("a stock");
        // On i386 both come from the same table.
        Trampoline::<Many>::reserve(2 * COUNT).expect("a stock");
        let mut gets = Vec::with_capacity(COUNT);
        let mut many = Vec::with_capacity(COUNT);
        // Asking the compiler takes memory for a moment. That is the heap's affair, so there it has some.
        drop(std::hint::black_box(vec![1_u8; 100_000]));
        assert!(enter_sandbox());
        for _ in 0..3 {
            for n in 0..COUNT {
                let Ok(get) = Trampoline::<Get>::new(move || n) else { exit("no slot\n") };
                gets.push(get);
                // What is captured is a word: more would be on the heap, which may ask the system.
                let Ok(sum) = Trampoline::<Many>::new(move |a, _, _, _, _, _, _, _, i| a + i + widened(n)) else {
                    exit("no slot\n")
                };
                many.push(sum);
            }
            for (n, (get, sum)) in gets.iter().zip(&many).enumerate() {
                check(unsafe { (get.as_fn())() } == n);
                check(unsafe { (sum.as_fn())(1, 0, 0, 0, 0, 0, 0, 0, 1) } == 2 + widened(n));
            }
            // Scoped, exclusive and bound to their thread: none of them asks the system either.
            let mut calls = 0;
            check(
                Trampoline::<Get>::scoped_mut(
                    || {
                        calls += 1;
                        calls
                    },
                    |get| unsafe { get() + get() },
                )
                .is_ok(),
            );
            check(Trampoline::<Get>::local(move || calls).is_ok_and(|get| unsafe { (get.as_fn())() } == 2));
            gets.clear();
            many.clear();
        }
        exit(DONE);
    });
    let Some((signal, said)) = ended else { return };
    assert_eq!(signal, None, "{said}");
    assert!(said.contains(DONE), "{said}");
}

#[test]
fn without_a_stock_the_sandbox_is_felt() {
    let ended = alone("without_a_stock_the_sandbox_is_felt", || {
        let mut gets = Vec::with_capacity(COUNT);
        assert!(enter_sandbox());
        for n in 0..COUNT {
            gets.push(Trampoline::<Get>::new(move || n));
        }
        exit(DONE);
    });
    let Some((signal, said)) = ended else { return };
    assert_eq!(signal, Some(libc::SIGSYS), "{said}");
}

#[test]
fn a_stock_is_counted_once() {
    let ended = alone("a_stock_is_counted_once", || {
        let _live = occupy_direct_slots();
        Trampoline::<Get>::reserve(COUNT).expect("a stock");
        let regions = diagnostics().regions;
        Trampoline::<Get>::reserve(COUNT).expect("a stock");
        Trampoline::<Get>::reserve(0).expect("nothing");
        assert_eq!(diagnostics().regions, regions);
        drop((0..COUNT).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")).collect::<Vec<_>>());
        assert_eq!(diagnostics().regions, regions);
        assert_eq!(diagnostics().slots.live, 1);
    });
    let Some((signal, said)) = ended else { return };
    assert!(signal.is_none() && !said.contains("panicked"), "{said}");
}

#[test]
fn what_cannot_be_had_is_said_and_what_can_is_kept() {
    let ended = alone("what_cannot_be_had_is_said_and_what_can_is_kept", || {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) }, 0);
        let pages = std::fs::read_to_string("/proc/self/statm").expect("/proc");
        let used: usize = pages.split(' ').next().expect("a size").parse::<usize>().expect("a number") * 4096;
        let mut gets = Vec::with_capacity(10_000); // what the test itself needs, before there is no more
        let tight = libc::rlimit { rlim_cur: (used + (8 << 20)) as libc::rlim_t, ..limit };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const tight) }, 0);
        assert!(Trampoline::<Get>::reserve(usize::MAX).is_err());
        let regions = diagnostics().regions;
        assert!(regions > 1);
        // All of these come from what is in stock.
        gets.extend((0..10_000).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")));
        assert!(gets.iter().enumerate().all(|(n, get)| unsafe { (get.as_fn())() } == n));
        assert_eq!(diagnostics().regions, regions);
    });
    let Some((signal, said)) = ended else { return };
    assert!(signal.is_none() && !said.contains("panicked"), "{said}");
}
