//! Counts instructions by single steps, ptrace(2).
//!
//! callgrind does not work, because valgrind rejects a call that mapped trampolines need: mremap(2) with an old size of
//! 0. The processor's counters do not work either, because virtual machines often have none.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use libc::{PTRACE_CONT, PTRACE_SINGLESTEP, PTRACE_TRACEME, SIGSTOP, c_int, c_uint, pid_t};

/// Runs `work` in the process that is counted, so that the counter sees where it begins and ends.
pub fn counted(work: impl FnOnce()) {
    stop();
    work();
    stop();
}

fn stop() {
    // SAFETY: the call only stops this process until its parent continues it.
    unsafe { libc::raise(SIGSTOP) };
}

/// The number of instructions that a process executes in [`counted`].
pub fn count(program: &str, arguments: &[String]) -> u64 {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    // SAFETY: ptrace may be called between fork and exec.
    unsafe { command.pre_exec(|| trace(PTRACE_TRACEME, 0)) };
    let mut child = command.spawn().expect("the process starts, traced");
    let process = pid_t::try_from(child.id()).expect("a process's number");

    let go_on = |request| {
        trace(request, process).expect("the process is stopped");
        signal_at_stop(process)
    };
    signal_at_stop(process); // exec
    while go_on(PTRACE_CONT) != SIGSTOP {}
    let mut instructions = 0;
    while go_on(PTRACE_SINGLESTEP) != SIGSTOP {
        instructions += 1;
    }
    child.kill().expect("the process is stopped");
    child.wait().expect("it ends");
    instructions
}

fn trace(request: c_uint, process: pid_t) -> io::Result<()> {
    // SAFETY: these requests take no addresses.
    match unsafe { libc::ptrace(request, process, null_mut::<u8>(), null_mut::<u8>()) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Waits until the process stops, and returns the signal that stopped it.
fn signal_at_stop(process: pid_t) -> c_int {
    let mut status = 0;
    // SAFETY: the call writes the status.
    let waited = unsafe { libc::waitpid(process, &raw mut status, 0) };
    assert!(waited == process && libc::WIFSTOPPED(status), "the process stops: {status:#x}");
    libc::WSTOPSIG(status)
}
