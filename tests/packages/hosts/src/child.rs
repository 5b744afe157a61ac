//! The child, which enters the state and does the work there.

use std::path::Path;

use crate::place::Worker;
use crate::state::{State, When};
use crate::subject::Subject;
use crate::system::exit_at_once;
use crate::workload::Phase;

/// The exit status of a child that cannot enter the state.
pub const SKIPPED: i32 = 77;

/// Marks for the watcher. A `write(2)` of so many bytes to no descriptor tells a mark. Even seccomp's strict mode allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Mark {
    /// The state is entered.
    Entered = 0x7472_0001,
    /// All work is done.
    Done = 0x7472_0002,
}

pub fn mark(mark: Mark) {
    // SAFETY: EBADF before anything is read.
    unsafe { libc::write(-1, std::ptr::null(), mark as usize) };
}

/// Runs as the child of a state. `scratch` is an empty directory.
pub fn run(subject: Subject, state: &State, scratch: &Path) -> ! {
    let done = (|| {
        let worker = Worker::placed(state, scratch).map_err(skip)?;
        match state.when {
            When::FirstUse => {}
            When::Later => worker.work(subject, Phase::Few)?,
            When::Stocked => worker.work(subject, Phase::Stock)?,
        }
        (state.enter)(&worker).map_err(skip)?;
        mark(Mark::Entered);
        (state.act)(&worker, subject)
    })();
    mark(Mark::Done);
    let status = done.err().unwrap_or(0);
    if matches!(state.when, When::Stocked) {
        exit_at_once(status);
    }
    // SAFETY: nothing is to be dropped or flushed.
    unsafe { libc::_exit(status) }
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn skip(why: String) -> i32 {
    eprintln!("skipped: {why}");
    SKIPPED
}

/// What most states do.
pub fn all(worker: &Worker, subject: Subject) -> Result<(), i32> {
    worker.work(subject, Phase::All)
}
