//! Threads that execute the operations which the first thread hands them.

use std::cell::{Cell, RefCell};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use tramp_rt::Trampoline;

use crate::actor;
use crate::operation::Operation;

struct Thread {
    jobs: Sender<Job>,
    done: Receiver<()>,
    handle: JoinHandle<()>,
}

enum Job {
    Run(Vec<Operation>),
    End { in_destructor: bool },
}

thread_local! {
    static THREADS: RefCell<[Option<Thread>; 3]> = const { RefCell::new([None, None, None]) };
    static IS_MAIN: Cell<bool> = const { Cell::new(false) };
    static STARTED: Cell<u64> = const { Cell::new(0) };
}

/// This thread is the first.
pub(crate) fn begin() {
    IS_MAIN.set(true);
}

pub(crate) fn is_main() -> bool {
    IS_MAIN.get()
}

/// Has a thread execute operations. [`wait`] waits for it.
pub(crate) fn start(thread: u8, operations: Vec<Operation>) -> u8 {
    let at = usize::from(thread) % 3;
    THREADS.with_borrow_mut(|threads| {
        let thread = threads[at].get_or_insert_with(spawn);
        thread.jobs.send(Job::Run(operations)).expect("a thread that waits");
    });
    thread
}

pub(crate) fn wait(thread: u8) {
    THREADS.with_borrow(|threads| {
        let thread = threads[usize::from(thread) % 3].as_ref().expect("started");
        thread.done.recv().expect("a thread that works");
    });
}

pub(crate) fn on(thread: u8, operations: Vec<Operation>) {
    wait(start(thread, operations));
}

/// Ends a thread, if there is one.
pub(crate) fn end(thread: u8, in_destructor: bool) {
    let thread = THREADS.with_borrow_mut(|threads| threads[usize::from(thread) % 3].take());
    if let Some(Thread { jobs, handle, .. }) = thread {
        jobs.send(Job::End { in_destructor }).expect("a thread that waits");
        handle.join().expect("no panic");
    }
}

pub(crate) fn end_all() {
    (0..3).for_each(|thread| end(thread, thread % 2 == 0));
}

fn spawn() -> Thread {
    STARTED.set(STARTED.get() + 1);
    // Thread-locals are destroyed in the reverse order of their first use. So what the thread owns is dropped before the
    // runtime's own thread-locals are gone, or after.
    let runtime_first = STARTED.get() % 2 == 0;
    let (jobs, work) = channel();
    let (finished, done) = channel();
    let handle = thread::spawn(move || {
        if runtime_first {
            let _ = Trampoline::<unsafe extern "C" fn()>::protected(|| ());
            drop(Trampoline::<unsafe extern "C" fn(u64)>::counted(|_| ()));
        }
        for job in work {
            match job {
                Job::Run(operations) => {
                    actor::execute(operations);
                    finished.send(()).expect("who waits");
                }
                Job::End { in_destructor } => {
                    actor::give_all();
                    if !in_destructor {
                        actor::drop_all();
                    }
                    return;
                }
            }
        }
    });
    Thread { jobs, done, handle }
}
