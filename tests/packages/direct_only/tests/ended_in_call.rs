//! Calls that end a struct of callbacks, because its owner left that to them. `ci/miri` runs this, because such a call frees the
//! entries' slots and the block while its own functions still run.

#![cfg(feature = "std")]

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;

use tramp_rt::{Ops, Trampoline, trampoline};

#[repr(C)]
struct JobOps {
    add: Option<unsafe extern "C" fn(n: i32) -> i32>,
    get: Option<unsafe extern "C" fn() -> i32>,
    end: Option<unsafe extern "C" fn() -> i32>,
}

const EMPTY: JobOps = JobOps { add: None, get: None, end: None };

/// The tests take turns, because there are only eight direct slots.
fn alone() -> impl Sized {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value whose destructor takes the slots that the entries had.
struct Value(Arc<AtomicI32>, i32);

impl Drop for Value {
    fn drop(&mut self) {
        type Get = unsafe extern "C" fn() -> i32;
        let live: Vec<_> = (0..4).map_while(|n| Trampoline::<Get>::new(move || n).ok()).collect();
        assert!(live.len() > 1, "those of the entries");
        for (one, n) in live.iter().zip(0..) {
            // SAFETY: it is alive.
            assert_eq!(unsafe { one.as_fn()() }, n);
        }
        self.0.fetch_add(1, SeqCst);
    }
}

/// What the callbacks drop, and what they wait for.
#[derive(Clone, Default)]
struct Meeting {
    owner: Arc<Mutex<Option<Ops<JobOps>>>>,
    barrier: Option<Arc<Barrier>>,
    has_begun: Arc<AtomicBool>,
}

impl Meeting {
    fn attend(&self) {
        let owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(owner);
        self.has_begun.store(true, SeqCst);
        if let Some(barrier) = &self.barrier {
            barrier.wait();
        }
    }
}

struct Counter(Value, Meeting);

#[trampoline(ops = JobOps)]
impl Counter {
    extern "C" fn add(&mut self, n: i32) -> i32 {
        self.1.attend();
        self.0.1 += n;
        self.0.1
    }
    extern "C" fn get(&self) -> i32 {
        self.1.attend();
        self.0.1
    }
}

struct Job(Value, Meeting);

#[trampoline(ops = JobOps)]
impl Job {
    extern "C" fn add(&mut self, n: i32) -> i32 {
        self.1.attend();
        self.0.1 += n;
        self.0.1
    }
    extern "C" fn end(self) -> i32 {
        self.1.attend();
        self.0.1
    }
}

/// The function pointers of an owner.
fn callbacks(ops: &Ops<JobOps>) -> JobOps {
    // SAFETY: the struct is there as long as its owner, and nothing writes to it.
    unsafe { ops.as_ptr().read() }
}

#[test]
fn a_callback_drops_its_own_struct() {
    let _alone = alone();
    let drops = Arc::new(AtomicI32::new(0));
    let bind = || {
        let meeting = Meeting::default();
        let ops = Counter(Value(drops.clone(), 40), meeting.clone()).bind(EMPTY).expect("slots");
        let callbacks = callbacks(&ops);
        *meeting.owner.lock().expect("no panic") = Some(ops);
        callbacks
    };
    // SAFETY: each is called once, before its struct is gone.
    unsafe {
        assert_eq!(bind().add.expect("bound")(2), 42);
        assert_eq!(bind().get.expect("bound")(), 40);
    }
    assert_eq!(drops.load(SeqCst), 2);
}

#[test]
fn the_last_call_frees_what_it_was_given() {
    let _alone = alone();
    let drops = Arc::new(AtomicI32::new(0));
    let ops = Job(Value(drops.clone(), 40), Meeting::default()).bind(EMPTY).expect("slots");
    let callbacks = callbacks(&ops);
    ops.give();
    // SAFETY: the last call comes last.
    unsafe {
        assert_eq!(callbacks.add.expect("bound")(2), 42);
        assert_eq!(callbacks.end.expect("bound")(), 42);
    }
    assert_eq!(drops.load(SeqCst), 1);
}

#[test]
fn calls_on_other_threads_return_while_the_owner_is_dropped() {
    let _alone = alone();
    let drops = Arc::new(AtomicI32::new(0));
    let bind = |calls: usize| {
        let barrier = Some(Arc::new(Barrier::new(calls + 1)));
        let meeting = Meeting { barrier, ..Meeting::default() };
        (Counter(Value(drops.clone(), 40), meeting.clone()).bind(EMPTY).expect("slots"), meeting)
    };
    let (ops, Meeting { barrier, .. }) = bind(2);
    let get = callbacks(&ops).get.expect("bound");
    thread::scope(|scope| {
        for _ in 0..2 {
            // SAFETY: the call begins before the owner is dropped.
            scope.spawn(move || assert_eq!(unsafe { get() }, 40));
        }
        barrier.expect("one").wait();
        drop(ops);
    });
    let (ops, Meeting { barrier, .. }) = bind(1);
    let add = callbacks(&ops).add.expect("bound");
    thread::scope(|scope| {
        // SAFETY: the call begins before the owner is dropped.
        scope.spawn(move || assert_eq!(unsafe { add(2) }, 42));
        barrier.expect("one").wait();
        drop(ops);
    });
    assert_eq!(drops.load(SeqCst), 2);
}

#[test]
fn the_last_call_returns_while_the_owner_gives_up() {
    let _alone = alone();
    let drops = Arc::new(AtomicI32::new(0));
    for gives in [false, true] {
        let meeting = Meeting::default();
        let ops = Job(Value(drops.clone(), 40), meeting.clone()).bind(EMPTY).expect("slots");
        let end = callbacks(&ops).end.expect("bound");
        thread::scope(|scope| {
            // SAFETY: the call begins before the owner is gone, and comes once.
            scope.spawn(move || assert_eq!(unsafe { end() }, 40));
            while !meeting.has_begun.load(SeqCst) {
                thread::yield_now();
            }
            if gives {
                ops.give();
            } else {
                drop(ops);
            }
        });
    }
    assert_eq!(drops.load(SeqCst), 2);
}
