//! Closures whose calls are counted. A drop takes effect when the last call returns, on any thread.

#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a trampoline that is live or running")]

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::panic::{catch_unwind, resume_unwind};
use std::process::exit;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError, mpsc};

use tramp_rt::{ThisThread, Trampoline};
use tramp_test_support::{Kind, alone as in_a_child, has_aborted};

type Call = unsafe extern "C" fn(c_int) -> c_int;
type Unwinding = unsafe extern "C-unwind" fn(c_int) -> c_int;
/// More integers than any processor has argument registers. So the slot's address travels on the stack.
type Wide = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i64;

/// Slots are counted for the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn live() -> usize {
    tramp_rt::diagnostics().slots.live
}

/// Counts its drops, and has values that code would not find after a drop.
struct Witness {
    drops: Arc<AtomicUsize>,
    text: String,
}

const TEXT: &str = "what the closure has captured";

impl Witness {
    fn new() -> (Self, Arc<AtomicUsize>) {
        let drops = Arc::new(AtomicUsize::new(0));
        (Self { drops: drops.clone(), text: TEXT.into() }, drops)
    }

    fn is_whole(&self) -> bool {
        self.drops.load(Ordering::Relaxed) == 0 && self.text == TEXT
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.text.clear();
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

type Place<S> = Rc<RefCell<Option<Trampoline<S, ThisThread>>>>;

#[test]
fn a_closure_drops_its_own_trampoline_inside_other_calls_of_it() {
    let _alone = alone();
    let before = live();
    let (witness, drops) = Witness::new();
    let place: Place<Call> = Place::default();
    let own = place.clone();
    let listener = Trampoline::<Call>::local_counted(move |n| {
        let depth = if n == 0 {
            drop(own.take());
            0
        } else {
            let again = own.borrow().as_ref().expect("an owner").as_fn();
            1 + unsafe { again(n - 1) }
        };
        assert!(witness.is_whole());
        depth
    })
    .expect("a slot");
    assert_eq!(Kind::of(&listener), Kind::Mapped);
    assert_eq!((live(), listener.running()), (before + 1, Some(0)));
    let call = listener.as_fn();
    place.replace(Some(listener));
    assert_eq!(unsafe { call(3) }, 3);
    assert_eq!((drops.load(Ordering::Relaxed), live(), Rc::strong_count(&place)), (1, before, 1));
}

#[test]
fn with_the_slot_on_the_stack() {
    let _alone = alone();
    let (witness, drops) = Witness::new();
    let place: Place<Wide> = Place::default();
    let own = place.clone();
    let sum = move |a, b, c, d, e, f, g, h, i, j, k| {
        drop(own.take());
        assert!(witness.is_whole());
        a + b + c + d + e + f + g + h + i + j + k
    };
    let sum = Trampoline::<Wide>::local_counted(sum).expect("a slot");
    let call = sum.as_fn();
    place.replace(Some(sum));
    assert_eq!(unsafe { call(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) }, 66);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn a_call_that_unwinds_is_counted_out() {
    let _alone = alone();
    let before = live();
    let (witness, drops) = Witness::new();
    let place: Place<Unwinding> = Place::default();
    let own = place.clone();
    let listener = Trampoline::<Unwinding>::local_counted(move |n| {
        (n == 0).then(|| drop(own.take()));
        assert!(witness.is_whole());
        resume_unwind(Box::new("a panic of the closure"))
    })
    .expect("a slot");
    let call = listener.as_fn();
    let panics = |n| catch_unwind(|| unsafe { call(n) }).expect_err("a panic");
    assert_eq!(panics(1).downcast_ref(), Some(&"a panic of the closure"));
    assert_eq!(listener.running(), Some(0));
    place.replace(Some(listener));
    assert_eq!(panics(0).downcast_ref(), Some(&"a panic of the closure"));
    assert_eq!((drops.load(Ordering::Relaxed), live()), (1, before));
}

#[test]
fn another_thread_drops_what_runs_on_two() {
    let _alone = alone();
    let before = live();
    let (witness, drops) = Witness::new();
    let (inside, is_inside) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    let listener = Trampoline::<Call>::counted(move |n| {
        inside.send(()).expect("a receiver");
        may_go_on.lock().expect("no panic").recv().expect("a sender");
        n + c_int::from(witness.is_whole())
    })
    .expect("a slot");
    let call = listener.as_fn();
    let running = [1, 2].map(|n| std::thread::spawn(move || unsafe { call(n) }));
    (0..2).for_each(|_| is_inside.recv().expect("a sender"));
    assert_eq!(listener.running(), Some(2));
    drop(listener);
    assert_eq!(drops.load(Ordering::Relaxed), 0, "it runs");
    (0..2).for_each(|_| go_on.send(()).expect("a receiver that runs"));
    assert_eq!(running.map(|call| call.join().expect("no panic")), [2, 3]);
    assert_eq!((drops.load(Ordering::Relaxed), live()), (1, before));
}

/// The drop meets the ends of two calls at every moment. Whichever comes last drops the closure, and only one of them
/// does.
#[test]
fn a_drop_and_the_ends_of_calls_race() {
    struct Counts(Arc<AtomicUsize>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let _alone = alone();
    let rounds = if cfg!(debug_assertions) { 5_000 } else { 20_000 };
    let (before, drops) = (live(), Arc::new(AtomicUsize::new(0)));
    let (start, end) = (Arc::new(Barrier::new(3)), Arc::new(Barrier::new(3)));
    let entry = Arc::new(Mutex::new(None::<Call>));
    let callers = [3, 5].map(|step| {
        let (start, end, entry) = (start.clone(), end.clone(), entry.clone());
        std::thread::spawn(move || {
            for round in 0..rounds {
                start.wait();
                let call = entry.lock().expect("no panic").expect("a pointer");
                assert_eq!(unsafe { call(round / step % 32) }, 0);
                end.wait();
            }
        })
    });
    for round in 0..rounds {
        let inside = Arc::new(AtomicUsize::new(0));
        let (counts, begun) = (Counts(drops.clone()), inside.clone());
        let expected = usize::try_from(round).expect("small");
        let listener = Trampoline::<Call>::counted(move |n| {
            begun.fetch_add(1, Ordering::Release);
            (0..n).for_each(|_| std::hint::spin_loop());
            c_int::from(counts.0.load(Ordering::Relaxed) != expected)
        })
        .expect("a slot");
        *entry.lock().expect("no panic") = Some(listener.as_fn());
        start.wait();
        while inside.load(Ordering::Acquire) != 2 {
            std::thread::yield_now();
        }
        (0..round % 32).for_each(|_| std::hint::spin_loop());
        drop(listener);
        end.wait();
        assert_eq!(drops.load(Ordering::Relaxed), expected + 1);
    }
    for caller in callers {
        caller.join().expect("no panic");
    }
    assert_eq!(live(), before);
}

/// Slots and their counters are used again after they have rested.
#[test]
fn many_live_and_their_slots_are_used_again() {
    let _alone = alone();
    let before = live();
    let create = |number: c_int| Trampoline::<Call>::counted(move |n| n + number).expect("a slot");
    let all_work = |all: &[Trampoline<Call>]| {
        all.iter().zip(0..).for_each(|(one, number)| assert_eq!(unsafe { one.as_fn()(1) }, number + 1));
    };
    let all: Vec<_> = (0..3_000).map(create).collect();
    all_work(&all);
    assert_eq!(live(), before + 3_000);
    drop(all);
    let free = tramp_rt::diagnostics().slots;
    let all: Vec<_> = (0..2_900).map(create).collect();
    all_work(&all);
    let now = tramp_rt::diagnostics().slots;
    assert_eq!((now.unused, now.live), (free.unused, before + 2_900), "none is new");
    drop(all);
    for number in 0..10_000 {
        let one = create(number);
        assert_eq!(unsafe { one.as_fn()(1) }, number + 1);
    }
    assert_eq!((tramp_rt::diagnostics().slots.unused, live()), (free.unused, before));
}

/// A counter that is used again rests as long as a new one.
#[test]
fn counters_rest_each_time() {
    let _alone = alone();
    let create = || Trampoline::<Call>::counted(move |n| n).expect("a slot");
    let many = || (0..1_000).map(|_| create()).collect::<Vec<_>>();
    // After the first drop more than enough have rested, and now all are in use.
    drop(many());
    let live = many();
    for _ in 0..60 {
        let one = create();
        let entry = one.as_fn() as usize;
        drop(one);
        assert_ne!(create().as_fn() as usize, entry);
    }
    drop(live);
}

/// The slot says at run time how to drop its trampoline.
#[test]
fn one_type_owns_plain_protected_and_counted_closures() {
    let _alone = alone();
    let before = live();
    let (witnesses, drops): (Vec<_>, Vec<_>) = (0..4).map(|_| Witness::new()).unzip();
    let mut closures = witnesses.into_iter().map(|witness| move |n: c_int| n + c_int::from(witness.is_whole()));
    let mut next = || closures.next().expect("one for each");
    let all: [Trampoline<Call>; 4] = [
        Trampoline::new(next()).expect("a slot"),
        Trampoline::new_mut(next()).expect("a slot"),
        Trampoline::protected(next()).expect("a slot"),
        Trampoline::counted(next()).expect("a slot"),
    ];
    assert_eq!(all.each_ref().map(Trampoline::running), [None, None, None, Some(0)]);
    for one in all {
        assert_eq!(unsafe { one.as_fn()(1) }, 2);
        drop(one);
    }
    assert_eq!(drops.iter().map(|drops| drops.load(Ordering::Relaxed)).collect::<Vec<_>>(), [1; 4]);
    assert_eq!(live(), before);
}

#[test]
fn a_released_slot_rests() {
    let _alone = alone();
    let create = || Trampoline::<Call>::counted(|n| n).expect("a slot");
    let address = |one: &Trampoline<Call>| one.as_fn() as usize;
    let mut all: Vec<_> = (0..200).map(|_| create()).collect();
    let last = all.pop().expect("one");
    let released = address(&last);
    drop(all);
    drop(last);
    let again = (0..1_000).position(|_| address(&create()) == released).expect("used again");
    assert!((64..=400).contains(&again), "after {again}");
}

#[test]
fn threads_create_call_and_drop_beside_each_other() {
    let _alone = alone();
    let before = live();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let mut kept = Vec::new();
                for number in 0..2_000 {
                    let one = Trampoline::<Call>::counted(move |n| n + number * thread).expect("a slot");
                    assert_eq!(unsafe { one.as_fn()(1) }, number * thread + 1);
                    kept.push(one);
                    (number % 100 == 99).then(|| kept.drain(..).rev().step_by(2).for_each(drop));
                }
            });
        }
    });
    assert_eq!(live(), before);
}

/// Each of these dies in a process of its own.
mod deaths {
    use super::*;

    fn dies(test: &str, message: &str, death: fn()) {
        const CASE: &str = "TRAMP_TEST_COUNTED";
        if std::env::var_os(CASE).is_some() {
            death();
            exit(0);
        }
        let child = in_a_child(&format!("deaths::{test}")).env(CASE, "1").output().expect("a child process");
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(has_aborted(child.status) && said.contains(message), "{:?}: {said}", child.status);
    }

    #[test]
    fn a_call_after_the_drop() {
        dies("a_call_after_the_drop", "called after its trampoline was dropped", || {
            let listener = Trampoline::<Call>::counted(|n| n).expect("a slot");
            let late = listener.as_fn();
            assert_eq!(unsafe { late(1) }, 1);
            drop(listener);
            unsafe { late(1) };
        });
    }

    #[test]
    fn a_call_between_the_drop_and_the_end_of_another() {
        dies("a_call_between_the_drop_and_the_end_of_another", "called after its trampoline was dropped", || {
            let place = Rc::new(Cell::new(None));
            let own = place.clone();
            let listener = Trampoline::<Call>::local_counted(move |n| {
                let listener = own.take().expect("an owner");
                let late: Call = Trampoline::as_fn(&listener);
                drop(listener);
                unsafe { late(n) }
            })
            .expect("a slot");
            let call = listener.as_fn();
            place.set(Some(listener));
            unsafe { call(1) };
        });
    }

    #[test]
    fn a_call_from_another_thread() {
        dies("a_call_from_another_thread", "bound to its creating thread was called from another thread", || {
            let listener = Trampoline::<Call>::local_counted(|n| n).expect("a slot");
            let call = listener.as_fn();
            assert_eq!(unsafe { call(1) }, 1);
            let _ = std::thread::spawn(move || unsafe { call(1) }).join();
        });
    }
}
