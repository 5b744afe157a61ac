//! The meaning of what was seen in a child.

use std::ffi::{CStr, c_int};
use std::fmt;

use crate::child::SKIPPED;
use crate::watch::{End, Seen};

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The work was done. This is what a careful user wants to know of it.
    Works(Vec<&'static str>),
    /// It was not done, and the program got an error.
    Error(String),
    /// The program died.
    Dies(String),
    /// This machine cannot enter the state.
    Skipped(String),
}

pub const WRITE_EXECUTE: &str = "a W+X page";
pub const MADE_EXECUTABLE: &str = "pages made executable";
pub const ALIASED: &str = "code also mapped writable";
pub const MEMFD: &str = "a memfd";
pub const FILE_CREATED: &str = "a file created";
pub const DESCRIPTOR_KEPT: &str = "a descriptor kept";

impl Outcome {
    pub fn of(seen: &Seen) -> Self {
        let last = |prefix: &str| seen.errors.lines().rev().find_map(|line| line.strip_prefix(prefix));
        match seen.end {
            End::Exit(0) => Self::Works(seen.notes()),
            End::Exit(SKIPPED) => Self::Skipped(last("skipped: ").unwrap_or("for no reason given").to_owned()),
            // Rust's runtime ends the process in this way after a panic of the main thread.
            End::Exit(101) => Self::Dies(format!("panic: {}", panic_message(&seen.errors))),
            End::Exit(status) => {
                Self::Error(last("error: ").map_or_else(|| format!("exit status {status}"), ToOwned::to_owned))
            }
            End::Signal(libc::SIGALRM) => Self::Dies("hangs".into()),
            End::Signal(libc::SIGABRT) => Self::Dies(format!("aborts: {}", panic_message(&seen.errors))),
            End::Signal(signal) => Self::Dies(signal_name(signal)),
        }
    }
}

impl Seen {
    /// What the child did that a careful user does not want.
    pub fn notes(&self) -> Vec<&'static str> {
        [
            (self.write_execute, WRITE_EXECUTE),
            (self.made_executable, MADE_EXECUTABLE),
            (self.aliased, ALIASED),
            (self.memfds, MEMFD),
            (self.files_created, FILE_CREATED),
            (self.descriptors_kept, DESCRIPTOR_KEPT),
        ]
        .into_iter()
        .filter_map(|(count, note)| (count > 0).then_some(note))
        .collect()
    }
}

/// The line after `thread '…' panicked at …:`.
fn panic_message(errors: &str) -> &str {
    let mut lines = errors.lines().skip_while(|line| !line.contains("panicked at"));
    lines.nth(1).or_else(|| errors.lines().next()).unwrap_or("without a word")
}

fn signal_name(signal: c_int) -> String {
    unsafe extern "C" {
        fn strsignal(signal: c_int) -> *const std::ffi::c_char;
    }
    match signal {
        libc::SIGSEGV => "SIGSEGV".into(),
        libc::SIGBUS => "SIGBUS".into(),
        libc::SIGTRAP => "SIGTRAP".into(),
        libc::SIGILL => "SIGILL".into(),
        libc::SIGSYS => "SIGSYS".into(),
        libc::SIGKILL => "SIGKILL".into(),
        // SAFETY: strsignal(3) returns a text that is read before it is called again by this thread.
        _ => unsafe { CStr::from_ptr(strsignal(signal)) }.to_string_lossy().into_owned(),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works(notes) if notes.is_empty() => f.write_str("works"),
            Self::Works(notes) => write!(f, "works, with {}", notes.join(", ")),
            Self::Error(why) => write!(f, "**error**: {}", Short(why)),
            Self::Dies(how) => write!(f, "**{}**", Short(how)),
            Self::Skipped(why) => write!(f, "skipped: {why}"),
        }
    }
}

/// A text that fits into a table.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONG: usize = 200;
        match self.0.char_indices().nth(LONG) {
            None => f.write_str(self.0),
            Some((end, _)) => write!(f, "{}…", &self.0[..end]),
        }
    }
}
