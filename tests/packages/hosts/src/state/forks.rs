//! Processes that go on after `fork(2)`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::place::Worker;
use crate::subject::Subject;
use crate::system;
use crate::workload::Phase;

/// Forks. Parent and child do the work at the same time. If the child fails, the parent fails.
fn fork_and_work(worker: &Worker, subject: Subject, phase: Phase) -> Result<(), i32> {
    // SAFETY: the child uses what it inherits as it would without fork(2): that is what is tried.
    let child = unsafe { libc::fork() };
    assert_ne!(child, -1, "fork(2)");
    if child == 0 {
        // If it hangs, it ends before the parent's time is over.
        // SAFETY: ends the process, by a signal if it hangs.
        unsafe {
            libc::alarm(system::PATIENCE_SECONDS / 4);
            libc::_exit(worker.work(subject, phase).err().unwrap_or(0));
        }
    }
    let here = worker.work(subject, phase);
    let status = system::wait(child).expect("the child's status");
    here?;
    match status {
        0 => Ok(()),
        _ if libc::WIFSIGNALED(status) => system::die_of(libc::WTERMSIG(status)),
        _ => Err(libc::WEXITSTATUS(status)),
    }
}

pub(super) fn both_go_on(worker: &Worker, subject: Subject) -> Result<(), i32> {
    for _ in 0..3 {
        fork_and_work(worker, subject, Phase::All)?;
    }
    Ok(())
}

pub(super) fn among_threads(worker: &Worker, subject: Subject) -> Result<(), i32> {
    const THREADS: usize = 3;
    let (stop, busy) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                busy.fetch_add(1, Ordering::Relaxed);
                while !stop.load(Ordering::Relaxed) {
                    if worker.work(subject, Phase::Few).is_err() {
                        break;
                    }
                }
            });
        }
        while busy.load(Ordering::Relaxed) < THREADS {
            std::thread::yield_now();
        }
        let done = (0..100).try_for_each(|_| fork_and_work(worker, subject, Phase::Few));
        stop.store(true, Ordering::Relaxed);
        done
    })
}
