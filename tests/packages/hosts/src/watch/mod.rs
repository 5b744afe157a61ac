//! Watches a child process from outside. `ptrace(2)` shows every system call of the child and of all processes that it starts. It
//! also stops each process at its end, when its mappings and descriptors still exist.

mod seen;
mod tracee;

use std::collections::HashMap;
use std::ffi::c_int;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::FromRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

pub use self::seen::{End, Seen};
use self::tracee::{Call, resume, syscall_stop};
use crate::system::PATIENCE_SECONDS;

/// Whether what happens before the child's first mark counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    Start,
    Mark,
}

/// Runs a command to its end, and keeps what it writes to standard error.
///
/// # Errors
///
/// Returns an error if it cannot be started or watched.
pub fn watch(command: &mut Command, since: Since) -> io::Result<Seen> {
    // SAFETY: a name; the descriptor is new and ours.
    let mut errors = unsafe { File::from_raw_fd(libc::memfd_create(c"errors".as_ptr(), libc::MFD_CLOEXEC)) };
    // SAFETY: both calls are async-signal-safe, see signal-safety(7). alarm(2) is kept over execve(2).
    unsafe {
        command.stderr(errors.try_clone()?).pre_exec(|| {
            libc::alarm(PATIENCE_SECONDS);
            if libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
        });
    }
    let root = command.spawn()?.id().cast_signed();
    let mut seen = Seen { counting: since == Since::Start, ..Seen::default() };
    follow(root, &mut seen)?;
    errors.rewind()?;
    let mut bytes = Vec::new();
    errors.read_to_end(&mut bytes)?;
    seen.errors = String::from_utf8_lossy(&bytes).into_owned();
    Ok(seen)
}

/// Handles what the traced processes report, until none is left.
fn follow(root: c_int, seen: &mut Seen) -> io::Result<()> {
    // The call that each thread is in, or `None` if a known thread is in no call.
    let mut threads: HashMap<c_int, Option<Call>> = HashMap::new();
    loop {
        let mut status = 0;
        // Only the processes that this thread traces, because other threads of this program may have children.
        // SAFETY: writes the status.
        let thread = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD) };
        if thread == -1 {
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::ECHILD) => return Ok(()),
                Some(libc::EINTR) => continue,
                _ => return Err(error),
            }
        }
        if !libc::WIFSTOPPED(status) {
            threads.remove(&thread);
            if thread == root {
                seen.end = if libc::WIFSIGNALED(status) {
                    End::Signal(libc::WTERMSIG(status))
                } else {
                    End::Exit(libc::WEXITSTATUS(status))
                };
            }
            continue;
        }
        let (signal, event, new) = (libc::WSTOPSIG(status), status >> 16, !threads.contains_key(&thread));
        let call = threads.entry(thread).or_default();
        let deliver = if new && thread == root {
            tracee::set_options(root)?; // stopped by its execve(2)
            0
        } else if signal == libc::SIGTRAP | 0x80 {
            syscall_stop(thread, call, seen);
            0
        } else if event == libc::PTRACE_EVENT_EXIT {
            seen.look_at_mappings(thread);
            0
        } else if event != 0 || (new && signal == libc::SIGSTOP) {
            0 // a new thread or process begins with a SIGSTOP that is the watcher's
        } else {
            signal
        };
        resume(thread, deliver);
    }
}
