//! Panics in closures that have a value for C: nothing unwinds into C, and the panic continues when Rust code runs
//! again.
//!
//! The C side is `c/callbacks.c`.

#![cfg(panic = "unwind")] // tests/packages/panic_abort has the other
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of c/callbacks.c as it is declared there")]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Barrier};

use tramp_rt::{Trampoline, trampoline};
use tramp_test_support::{alone, has_aborted, with_each_kind};

type Payload = Box<dyn Any + Send>;

#[trampoline]
unsafe extern "C" {
    fn callbacks_each(count: i32, #[on_panic(return = -7)] visit: impl FnMut(i32) -> i32, returned: &mut i32) -> i32;

    fn callbacks_in_turn(
        count: i32,
        #[on_panic(return = 10)] first: impl FnMut(i32) -> i32,
        #[on_panic(return = 1)] second: impl FnOnce(i32) -> i32,
        sums: &mut [i32; 2],
    );

    fn callbacks_on_threads(
        threads: i32,
        count: i32,
        #[on_panic(return = 1)] visit: impl Fn(i32) -> i32 + Send + Sync,
    ) -> i32;

    fn callbacks_register(
        #[on_panic(return = -1, hook = note)]
        #[scope(forever)]
        callback: impl FnMut(i32) -> i32 + Send + 'static,
    );
    fn callbacks_notify(argument: i32) -> i32;
}

/// The same, under a convention that would unwind.
mod unwinding {
    use super::*;

    #[trampoline]
    unsafe extern "C-unwind" {
        #[link_name = "callbacks_each_unwind"]
        pub fn returning(count: i32, #[on_panic(return = -7)] visit: impl FnMut(i32) -> i32, returned: &mut i32)
        -> i32;
        #[link_name = "callbacks_each_unwind"]
        pub fn aborting(count: i32, #[on_panic(abort)] visit: impl FnMut(i32) -> i32, returned: &mut i32) -> i32;
        #[link_name = "callbacks_each_unwind"]
        pub fn unwinding(count: i32, #[on_panic(unwind)] visit: impl FnMut(i32) -> i32, returned: &mut i32) -> i32;
    }
}

fn caught<R>(call: impl FnOnce() -> R) -> Payload {
    catch_unwind(AssertUnwindSafe(call)).map(drop).expect_err("a panic")
}

/// Panics with `value`, and prints nothing.
fn panic_with(value: i32) -> ! {
    resume_unwind(Box::new(value))
}

fn value(payload: &Payload) -> i32 {
    *payload.downcast_ref().expect("the payload of `panic_with`")
}

/// Tells a process to run only one test.
const CHILD: &str = "TRAMP_TEST_CHILD";

/// Runs `test` in another process, which has to succeed. Returns whether this is the process that started it.
fn is_parent_of(test: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return false;
    }
    let child = alone(test).env(CHILD, "1").output().expect("a child process");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{}", String::from_utf8_lossy(&child.stderr));
    true
}

thread_local!(static NOTED: RefCell<Vec<i32>> = const { RefCell::new(Vec::new()) });

#[allow(clippy::needless_pass_by_value, reason = "as a hook takes it")]
fn note(payload: Payload) {
    NOTED.with_borrow_mut(|noted| noted.push(value(&payload)));
}

#[test]
fn c_gets_the_value_until_it_returns_and_then_the_panic_goes_on() {
    with_each_kind(&|_| {
        let (mut calls, mut returned) = (0, 0);
        let payload = caught(|| unsafe {
            callbacks_each(
                5,
                |n| {
                    calls += 1;
                    if n == 2 { panic_with(n) } else { n }
                },
                &mut returned,
            )
        });
        assert_eq!((value(&payload), calls, returned), (2, 3, 1), "no call after the panic; C came to its end");
        assert_eq!(unsafe { callbacks_each(3, |n| n, &mut returned) }, 3, "nothing is left of it");
    });
}

#[test]
fn c_gets_the_value_declared() {
    // What C makes of the value can be seen where the wrapper's result is lost: through a `type`.
    #[trampoline]
    #[on_panic(return = LIMIT + 2)]
    type Visit = extern "C" fn(n: i32) -> i32;
    const LIMIT: i32 = 40;

    with_each_kind(&|_| {
        let mut seen = Vec::new();
        let payload = caught(|| {
            Trampoline::<Visit>::scoped_mut(
                |n| if n == 1 { panic_with(n) } else { n },
                |visit| seen.extend((0..4).map(|n| unsafe { visit(n) })),
            )
        });
        assert_eq!((value(&payload), seen), (1, vec![0, 42, 42, 42]));
    });
}

#[test]
fn a_convention_that_unwinds_does_not_when_there_is_a_value() {
    with_each_kind(&|_| {
        let mut returned = 0;
        let payload = caught(|| unsafe { unwinding::returning(2, |n| panic_with(n + 1), &mut returned) });
        assert_eq!((value(&payload), returned), (1, 1));
    });
}

#[test]
fn unwind_is_what_the_convention_says() {
    with_each_kind(&|_| {
        let mut returned = 0;
        let payload = caught(|| unsafe { unwinding::unwinding(2, |n| panic_with(n + 1), &mut returned) });
        assert_eq!((value(&payload), returned), (1, 0), "C did not come to its end");
    });
}

#[test]
fn closures_of_one_call_share_the_panic() {
    with_each_kind(&|_| {
        let (mut firsts, mut seconds, mut sums) = (0, 0, [0; 2]);
        let payload = caught(|| unsafe {
            callbacks_in_turn(
                3,
                |n| {
                    firsts += 1;
                    panic_with(n + 5)
                },
                |n| {
                    seconds += 1;
                    panic_with(n)
                },
                &mut sums,
            );
        });
        assert_eq!((value(&payload), firsts, seconds, sums), (5, 1, 0, [30, 3]), "the second is not called at all");
    });
}

#[test]
fn nested_calls_into_c_resume_one_after_the_other() {
    with_each_kind(&|_| {
        let (mut inner_returned, mut outer_returned, mut after) = (0, 0, false);
        let payload = caught(|| unsafe {
            callbacks_each(
                2,
                |_| {
                    callbacks_each(2, |n| panic_with(n + 3), &mut inner_returned);
                    after = true;
                    0
                },
                &mut outer_returned,
            )
        });
        assert_eq!((value(&payload), inner_returned, outer_returned, after), (3, 1, 1, false));
    });
}

#[test]
fn the_first_panic_wins_on_several_threads() {
    with_each_kind(&|_| {
        let (inside, calls) = (Barrier::new(4), AtomicI32::new(0));
        let payload = caught(|| unsafe {
            callbacks_on_threads(4, 100, |_| {
                let call = calls.fetch_add(1, Ordering::SeqCst);
                inside.wait(); // so that every thread panics, some while a panic is pending
                panic_with(call)
            })
        });
        assert!((0..4).contains(&value(&payload)));
        assert_eq!(calls.into_inner(), 4, "no thread called again");
    });
}

#[test]
fn a_panic_that_unwinds_the_scope_itself_is_the_one_that_goes_on() {
    #[trampoline]
    #[on_panic(return)]
    type Run = extern "C" fn();

    with_each_kind(&|_| {
        let payload = caught(|| {
            Trampoline::<Run>::scoped(
                || panic_with(1),
                |run| {
                    unsafe { run() };
                    panic_with(2)
                },
            )
        });
        assert_eq!(value(&payload), 2);
    });
}

#[test]
fn kept_closures_hand_their_panics_to_the_hook_and_go_on() {
    if is_parent_of("kept_closures_hand_their_panics_to_the_hook_and_go_on") {
        return; // it keeps a slot
    }
    unsafe { callbacks_register(move |n| if n % 2 == 1 { panic_with(n) } else { n }) };
    let results: Vec<_> = (0..4).map(|n| unsafe { callbacks_notify(n) }).collect();
    assert_eq!(results, [0, -1, 2, -1]);
    assert_eq!(NOTED.take(), [1, 3]);
}

#[test]
fn owned_trampolines_do_so_in_every_kind_of_access() {
    #[trampoline]
    #[on_panic(return = -1, hook = note)]
    type Visit = extern "C" fn(n: i32) -> i32;

    fn check(pointer: unsafe extern "C" fn(i32) -> i32, n: i32) {
        assert_eq!(unsafe { pointer(n) }, -1);
        assert_eq!(NOTED.take(), [n]);
    }
    with_each_kind(&|_| {
        for n in 0..20 {
            let (captured, other) = (Arc::new(0), Cell::new(0));
            let in_closure = captured.clone();
            let new = Trampoline::<Visit>::new(move |n| panic_with(n + *in_closure)).expect("a slot");
            check(new.as_fn(), n);
            check(new.as_fn(), n);
            let local = Trampoline::<Visit>::local_mut(move |n| {
                other.set(n);
                panic_with(n)
            })
            .expect("a slot");
            check(local.as_fn(), n);
            check(local.as_fn(), n); // it is not running any more
            let in_closure = captured.clone();
            check(Trampoline::<Visit>::once(move |n| panic_with(n + *in_closure)).expect("a slot"), n);
            drop(new);
            assert_eq!(Arc::strong_count(&captured), 1);
        }
    });
}

#[test]
fn handlers_and_the_wrapped_results_of_other_types() {
    /// Its address is the value.
    static NOTHING: u8 = 0;

    #[trampoline]
    #[on_panic(return = &NOTHING)]
    extern "C" fn find<'a>(state: &mut i32, keys: &'a [u8; 2]) -> &'a u8 {
        *state += 1;
        if *state == 2 { panic_with(*state) } else { &keys[0] }
    }

    with_each_kind(&|_| {
        let find = find::bind(0).expect("a slot");
        let keys = [1, 2];
        let found: Vec<_> = (0..3).map(|_| unsafe { (find.as_fn())(&keys) }).collect();
        assert_eq!(found, [&1, &0, &1]);
    });
}

#[test]
fn without_a_hook_rusts_own_has_reported_it() {
    #[trampoline]
    #[on_panic(return = 3)]
    type Visit = extern "C" fn() -> i32;

    if std::env::var_os(CHILD).is_none() {
        let child =
            alone("without_a_hook_rusts_own_has_reported_it").env(CHILD, "1").output().expect("a child process");
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{said}");
        assert_eq!(said.matches("the words of the panic").count(), 1, "{said}");
        return;
    }
    let visit = Trampoline::<Visit>::new(|| panic!("the words of the panic")).expect("a slot");
    assert_eq!(unsafe { (visit.as_fn())() }, 3);
}

/// Each of these dies in a process of its own.
mod deaths {
    use super::*;

    fn dies(test: &str, message: &str, death: fn()) {
        if std::env::var_os(CHILD).is_some() {
            death();
            return;
        }
        let child = alone(&format!("deaths::{test}")).env(CHILD, "1").output().expect("a child process");
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(has_aborted(child.status) && said.contains(message), "{:?}: {said}", child.status);
    }

    #[test]
    fn a_hook_that_panics() {
        #[trampoline]
        #[on_panic(return, hook = |_| panic!("again"))]
        type Run = extern "C-unwind" fn();
        dies("a_hook_that_panics", "a panic's hook panicked", || {
            let run = Trampoline::<Run>::new(|| panic_with(1)).expect("a slot");
            unsafe { (run.as_fn())() };
        });
    }

    #[test]
    fn what_a_panic_carries_panics_when_dropped() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        #[trampoline]
        #[on_panic(return)]
        type Run = extern "C-unwind" fn();
        dies("what_a_panic_carries_panics_when_dropped", "the payload of a panic panicked when it was dropped", || {
            let run = Trampoline::<Run>::new(|| panic_any(Bomb)).expect("a slot");
            unsafe { (run.as_fn())() };
        });
    }

    #[test]
    fn abort_under_a_convention_that_unwinds() {
        dies("abort_under_a_convention_that_unwinds", "a callback that aborts on panic panicked", || {
            let _ = caught(|| unsafe { unwinding::aborting(1, |_| panic!("a reason"), &mut 0) });
        });
    }

    #[test]
    fn recursion_while_a_panic_could_be_caught() {
        #[trampoline]
        #[on_panic(return)]
        type Run = extern "C" fn();
        thread_local!(static AGAIN: Cell<Option<unsafe extern "C" fn()>> = const { Cell::new(None) });
        dies("recursion_while_a_panic_could_be_caught", "called while it was running", || {
            let run = Trampoline::<Run>::new_mut(|| unsafe { AGAIN.get().expect("itself")() }).expect("a slot");
            AGAIN.set(Some(run.as_fn()));
            unsafe { (run.as_fn())() };
        });
    }
}
