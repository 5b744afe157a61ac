//! One stop of a tracee, see `ptrace(2)`.

use std::ffi::{c_int, c_long};
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::ptr::null_mut;

use super::Seen;

/// A system call that a thread is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) number: c_long,
    pub(super) arguments: [u64; 6],
}

/// Traces all that the process starts as well, and has it killed when this thread ends.
pub(super) fn set_options(process: c_int) -> io::Result<()> {
    let options = libc::PTRACE_O_TRACESYSGOOD
        | libc::PTRACE_O_TRACEEXIT
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_EXITKILL;
    // SAFETY: a stopped tracee of this thread.
    let done = unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, process, null_mut::<u8>(), options) };
    if done == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Lets a thread run to the beginning of its next system call, or to the end of this one. A SIGKILL may have ended it.
pub(super) fn resume(thread: c_int, signal: c_int) {
    // SAFETY: a tracee of this thread.
    unsafe { libc::ptrace(libc::PTRACE_SYSCALL, thread, null_mut::<u8>(), signal) };
}

/// A system call begins or ends: see `PTRACE_GET_SYSCALL_INFO`, Linux 5.3.
pub(super) fn syscall_stop(thread: c_int, call: &mut Option<Call>, seen: &mut Seen) {
    let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
    let bytes = size_of::<libc::ptrace_syscall_info>();
    // SAFETY: the kernel writes at most as many bytes.
    if unsafe { libc::ptrace(libc::PTRACE_GET_SYSCALL_INFO, thread, bytes, info.as_mut_ptr()) } <= 0 {
        return;
    }
    // SAFETY: plain numbers, zeroed and then written.
    let info = unsafe { info.assume_init() };
    match info.op {
        libc::PTRACE_SYSCALL_INFO_ENTRY => {
            // SAFETY: what `op` says it is.
            let entry = unsafe { info.u.entry };
            let entered = Call { number: entry.nr.cast_signed(), arguments: entry.args };
            seen.enter(thread, &entered);
            *call = Some(entered);
        }
        libc::PTRACE_SYSCALL_INFO_EXIT => {
            // SAFETY: what `op` says it is.
            let exit = unsafe { info.u.exit };
            if let (Some(call), 0) = (call.take(), exit.is_error) {
                seen.succeed(&call);
            }
        }
        _ => {}
    }
}
