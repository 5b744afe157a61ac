//! System calls that say what failed.

use std::ffi::{CString, OsStr, c_int, c_long};
use std::io;
use std::os::unix::ffi::OsStrExt;

/// The result of a call that returns -1 for an error.
pub fn ok(name: &str, result: impl Into<c_long>) -> Result<c_long, String> {
    match result.into() {
        -1 => Err(format!("{name}: {}", io::Error::last_os_error())),
        result => Ok(result),
    }
}

pub fn c_string(text: impl AsRef<OsStr>) -> CString {
    CString::new(text.as_ref().as_bytes()).expect("no NUL in it")
}

/// Seconds after which a child that hangs is killed by SIGALRM.
pub const PATIENCE_SECONDS: u32 = 300;

/// Continues in a child process. The parent waits for the child and ends as it does.
pub fn continue_in_child() -> Result<(), String> {
    // SAFETY: this process has one thread.
    let child = ok("fork(2)", unsafe { libc::fork() })?;
    if child == 0 {
        // A child does not inherit it: fork(2).
        // SAFETY: asks for a signal.
        unsafe { libc::alarm(PATIENCE_SECONDS) };
        return Ok(());
    }
    let status = wait(c_int::try_from(child).expect("a process"))?;
    if libc::WIFSIGNALED(status) {
        die_of(libc::WTERMSIG(status));
    }
    exit_at_once(libc::WEXITSTATUS(status));
}

/// Waits for a child process to end.
pub fn wait(child: c_int) -> Result<c_int, String> {
    let mut status = 0;
    // SAFETY: writes the status.
    ok("waitpid(2)", unsafe { libc::waitpid(child, &raw mut status, 0) })?;
    Ok(status)
}

/// Ends a process of one thread by `exit(2)`, because seccomp's strict mode allows no other way. Nothing is dropped.
pub fn exit_at_once(code: c_int) -> ! {
    loop {
        // SAFETY: does not return.
        unsafe { libc::syscall(libc::SYS_exit, code) };
    }
}

/// Ends this process as the signal does by default.
pub fn die_of(signal: c_int) -> ! {
    // SAFETY: this process ends here.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
        libc::_exit(128 + signal) // it was blocked
    }
}
