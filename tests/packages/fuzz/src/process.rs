//! Child processes. Some go on and succeed. Others have to end with a message.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, RawFd};

use crate::fail;

/// How long a child may take.
const SECONDS: u32 = 60;

/// How a child has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Success,
    Status(i32),
    Signal(i32),
}

/// Runs `body` in a child of this process and does not wait for it.
pub(crate) fn fork(seconds: u32, body: impl FnOnce()) -> libc::pid_t {
    // SAFETY: that the child can go on, whatever threads there are, is what is tried.
    let child = unsafe { libc::fork() };
    match child {
        -1 => fail!("no process can be had: {}", std::io::Error::last_os_error()),
        0 => {
            // SAFETY: asks for a signal, so that a child that hangs ends.
            unsafe { libc::alarm(seconds) };
            body();
            // SAFETY: ends the process, without running what belongs to the parent.
            unsafe { libc::_exit(0) }
        }
        child => child,
    }
}

pub(crate) fn wait(child: libc::pid_t) -> End {
    let mut status = 0;
    loop {
        // SAFETY: writes the status.
        if unsafe { libc::waitpid(child, &raw mut status, 0) } == child {
            break;
        }
        if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            fail!("a child was lost");
        }
    }
    if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else if status == 0 {
        End::Success
    } else {
        End::Status(libc::WEXITSTATUS(status))
    }
}

pub(crate) fn child_succeeds(body: impl FnOnce()) {
    let end = wait(fork(SECONDS, body));
    if end != End::Success {
        fail!("a child that went on has ended with {end:?}");
    }
}

pub(crate) fn child_dies(message: &str, body: impl FnOnce()) {
    let mut ends: [RawFd; 2] = [0; 2];
    // SAFETY: writes two descriptors.
    if unsafe { libc::pipe(ends.as_mut_ptr()) } != 0 {
        fail!("no pipe can be had");
    }
    let child = fork(SECONDS, || {
        // SAFETY: both are open.
        unsafe { libc::dup2(ends[1], 2) };
        body();
    });
    // SAFETY: open, and nobody else's in this process.
    let (mut said, writes) = unsafe { (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])) };
    drop(writes);
    let mut bytes = Vec::new();
    if said.read_to_end(&mut bytes).is_err() {
        fail!("a pipe cannot be read");
    }
    let (end, text) = (wait(child), String::from_utf8_lossy(&bytes));
    if end != End::Signal(libc::SIGABRT) || !text.contains(message) {
        fail!("a child that was to die of {message:?} has ended with {end:?}: {text}");
    }
}

/// Discards what is written to standard error.
pub(crate) fn silence() {
    if let Ok(null) = File::options().write(true).open("/dev/null") {
        use std::os::fd::AsRawFd;
        // SAFETY: both are open.
        unsafe { libc::dup2(null.as_raw_fd(), 2) };
    }
}

/// Writes to standard error, without std's lock, which another thread may have held when this process was forked.
pub(crate) fn say(text: &str) {
    // SAFETY: it is not closed through this.
    let standard_error = std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(2) });
    let _ = (&*standard_error).write_all(text.as_bytes());
}
