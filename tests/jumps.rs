//! Callbacks of each kind that C leaves by `longjmp`: what may be called again, and what a jump leaves behind.
//!
//! The C side is `c/jumps.c`. On Windows a jump unwinds, so none may leave a callback there.

#![cfg(unix)]
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of C as it is declared")]

use std::cell::Cell;
use std::rc::Rc;

use tramp_rt::{Ops, ThisThread, Trampoline, UserData, trampoline};
use tramp_test_support::{Kind, alone, has_aborted, live, occupy_direct_slots, with_each_kind};

type Call = unsafe extern "C" fn(i32) -> i32;

/// The same through user data.
#[trampoline]
type DataCall = unsafe extern "C" fn(n: i32, data: UserData) -> i32;

unsafe extern "C" {
    fn jumps_protect(callback: Call, n: i32) -> i32;
    fn jumps_protect_data(callback: unsafe extern "C" fn(i32, UserData) -> i32, n: i32, data: UserData) -> i32;
    fn jumps_raise(code: i32) -> !;
}

/// What a callback does with its argument: C leaves the call if the argument is negative. This frame has nothing to
/// drop.
fn act(n: i32) -> i32 {
    if n < 0 {
        unsafe { jumps_raise(-n) }
    }
    n + 1
}

fn protect(callback: Call, n: i32) -> i32 {
    unsafe { jumps_protect(callback, n) }
}

/// Checks a closure that jumps may leave any number of times.
fn check(protect: impl Fn(i32) -> i32) {
    for n in 1..=100 {
        assert_eq!([protect(n), protect(-n)], [n + 1, -n]);
    }
}

#[test]
fn a_shared_closure_may_be_left_and_called_again() {
    with_each_kind(&|kind| {
        let (before, large, kept) = (live(kind), [0; 10], Rc::new(()));
        let any = Trampoline::<Call>::new(move |n| act(n + large[0])).expect("a slot");
        check(|n| protect(any.as_fn(), n));
        let (held, calls) = (kept.clone(), Rc::new(Cell::new(0)));
        let count = calls.clone();
        let local = Trampoline::<Call>::local(move |n| {
            let _ = &held;
            count.set(count.get() + 1);
            act(n)
        })
        .expect("a slot");
        check(|n| protect(local.as_fn(), n));
        drop((any, local));
        assert_eq!((live(kind), Rc::strong_count(&kept), calls.get()), (before, 1, 200), "nothing is left behind");
    });
}

#[test]
fn a_lent_shared_closure_may_be_left_and_called_again() {
    with_each_kind(&|kind| {
        let (before, zero) = (live(kind), Cell::new(0));
        Trampoline::<Call>::scoped(|n| act(n + zero.get()), |lent| check(|n| protect(lent, n))).expect("a slot");
        Trampoline::<Call>::scoped_any(act, |lent| check(|n| protect(lent, n))).expect("a slot");
        assert_eq!(live(kind), before);
    });
}

/// The jump may end in the function to which the closure is lent, as here, or in any caller of it.
#[test]
fn a_closure_lent_by_an_extern_block_may_be_left() {
    mod declared {
        use super::*;

        #[trampoline]
        unsafe extern "C" {
            #[link_name = "jumps_protect"]
            pub(super) fn protect(callback: impl Fn(i32) -> i32, n: i32) -> i32;
            #[link_name = "jumps_protect_data"]
            pub(super) fn protect_data(callback: impl Fn(i32, UserData) -> i32, n: i32, data: UserData) -> i32;
        }
    }
    with_each_kind(&|kind| {
        let (before, zero) = (live(kind), Cell::new(0));
        check(|n| unsafe { declared::protect(|n| act(n + zero.get()), n) });
        check(|n| unsafe { declared::protect_data(|n| act(n + zero.get()), n) });
        assert_eq!(live(kind), before);
    });
}

#[test]
fn user_data_of_a_shared_closure_may_be_left_and_called_again() {
    let kept = Rc::new(());
    let held = kept.clone();
    let local = Trampoline::<DataCall>::local(move |n| {
        let _ = &held;
        act(n)
    })
    .expect("memory");
    let (callback, data) = local.as_fn();
    check(|n| unsafe { jumps_protect_data(callback, n, data) });
    drop(local);
    assert_eq!(Rc::strong_count(&kept), 1);
}

#[test]
fn an_exclusive_closure_that_was_left_is_dropped_by_name() {
    with_each_kind(&|kind| {
        let before = live(kind);
        let kept = Rc::new(());
        let held = kept.clone();
        let local = Trampoline::<Call>::local_mut(move |n| {
            let _ = &held;
            act(n)
        })
        .expect("a slot");
        assert_eq!([protect(local.as_fn(), 1), protect(local.as_fn(), -1)], [2, -1]);
        unsafe { local.drop_abandoned() };
        assert_eq!((live(kind), Rc::strong_count(&kept)), (before, 1));

        let mut calls = 0; // in the slot itself
        let any = Trampoline::<Call>::new_mut(move |n| {
            calls += 1;
            act(n) + calls
        })
        .expect("a slot");
        assert_eq!([protect(any.as_fn(), 1), protect(any.as_fn(), -1)], [3, -1]);
        unsafe { any.drop_abandoned() };
        assert_eq!(live(kind), before);
    });

    let kept = Rc::new(());
    let held = kept.clone();
    let local = Trampoline::<DataCall>::local_mut(move |n| {
        let _ = &held;
        act(n)
    })
    .expect("memory");
    let (callback, data) = local.as_fn();
    assert_eq!(unsafe { jumps_protect_data(callback, -1, data) }, -1);
    unsafe { local.drop_abandoned() };
    assert_eq!(Rc::strong_count(&kept), 1);
}

/// If no jump has left the closure, this is an ordinary drop.
#[test]
fn any_trampoline_may_be_dropped_so() {
    with_each_kind(&|kind| {
        let before = live(kind);
        let kept = Rc::new(());
        let held = kept.clone();
        let shared = Trampoline::<Call>::local(move |n| n + i32::try_from(Rc::strong_count(&held)).expect("few"));
        unsafe { shared.expect("a slot").drop_abandoned() };
        assert_eq!((live(kind), Rc::strong_count(&kept)), (before, 1));
    });
}

#[test]
fn a_counted_closure_that_was_left_is_called_again_and_dropped_by_name() {
    with_each_kind(&|_| {
        let before = live(Kind::Mapped);
        let kept = Rc::new(());
        let held = kept.clone();
        let local = Trampoline::<Call>::local_counted(move |n| {
            let _ = &held;
            act(n)
        })
        .expect("a slot");
        check(|n| protect(local.as_fn(), n));
        assert_eq!(local.running(), Some(100));
        unsafe { local.drop_abandoned() };
        assert_eq!((live(Kind::Mapped), Rc::strong_count(&kept)), (before, 1));
    });
}

/// The owner leaves the drop to the call, which never returns. This test has a process of its own, because slots are
/// lost.
#[test]
fn what_was_left_is_leaked_by_its_owners_drop() {
    const CHILD: &str = "TRAMP_TEST_JUMPS_LEAK";
    if std::env::var_os(CHILD).is_none() {
        let mut child = alone("what_was_left_is_leaked_by_its_owners_drop");
        assert!(child.env(CHILD, "1").status().expect("a child process").success());
        return;
    }
    for kind in [Kind::Direct, Kind::Mapped] {
        let _occupied = (kind == Kind::Mapped).then(occupy_direct_slots);
        let (before, kept) = (live(kind), Rc::new(()));
        let held = kept.clone();
        let local = Trampoline::<Call>::local_mut(move |n| {
            let _ = &held;
            act(n)
        })
        .expect("a slot");
        assert_eq!(protect(local.as_fn(), -1), -1);
        drop(local);
        assert_eq!(Rc::strong_count(&kept), 2);
        // A mapped slot holds what free ones hold. But no one gets it.
        assert_eq!(live(kind), if kind == Kind::Direct { before + 1 } else { before });

        let ops = State { _kept: kept.clone() }.bind_local(EMPTY).expect("slots");
        assert_eq!(protect(entries(&ops).1, -1), -1);
        drop(ops);
        assert_eq!(Rc::strong_count(&kept), 3);
    }
}

/// The scope ends what it has lent, whether a jump has left it or not.
#[test]
fn a_lent_exclusive_closure_that_was_left_ends_with_its_scope() {
    with_each_kind(&|kind| {
        let before = live(kind);
        let kept = Rc::new(());
        let held = kept.clone();
        let closure = move |n| {
            let _ = &held;
            act(n)
        };
        Trampoline::<Call>::scoped_mut(closure, |lent| assert_eq!([protect(lent, 1), protect(lent, -1)], [2, -1]))
            .expect("a slot");
        assert_eq!((live(kind), Rc::strong_count(&kept)), (before, 1));
    });
}

#[repr(C)]
struct callbacks {
    change: Option<Call>,
    look: Option<Call>,
}

const EMPTY: callbacks = callbacks { change: None, look: None };

struct State {
    _kept: Rc<()>,
}

#[trampoline(ops = callbacks)]
impl State {
    extern "C" fn change(&mut self, n: i32) -> i32 {
        act(n)
    }
    extern "C" fn look(&self, n: i32) -> i32 {
        act(n)
    }
}

struct Shared {
    _kept: Rc<()>,
}

#[trampoline(ops = callbacks)]
impl Shared {
    extern "C" fn look(&self, n: i32) -> i32 {
        act(n)
    }
}

fn entries<T: tramp_rt::Threads>(ops: &Ops<callbacks, T>) -> (Option<Call>, Call) {
    let callbacks { change, look } = unsafe { ops.as_ptr().read() };
    (change, look.expect("an entry"))
}

#[test]
fn an_entry_of_a_struct_without_mut_self_may_be_left_and_called_again() {
    with_each_kind(&|kind| {
        let (before, kept) = (live(kind), Rc::new(()));
        let ops = Shared { _kept: kept.clone() }.bind_local(EMPTY).expect("slots");
        let (_, look) = entries(&ops);
        check(|n| protect(look, n));
        drop(ops);
        assert_eq!((live(kind), Rc::strong_count(&kept)), (before, 1));
    });
}

#[test]
fn entries_that_were_left_are_over_when_their_owner_says_so() {
    with_each_kind(&|kind| {
        let (before, kept) = (live(kind), Rc::new(()));
        let ops = State { _kept: kept.clone() }.bind_local(EMPTY).expect("slots");
        let (change, look) = entries(&ops);
        let change = change.expect("an entry");
        assert_eq!([protect(look, -1), protect(look, -2), protect(look, 1)], [-1, -2, 2]);
        unsafe { ops.end_abandoned() };
        assert_eq!([protect(change, 1), protect(change, -1)], [2, -1]);
        unsafe { ops.end_abandoned() };
        assert_eq!([protect(change, 1), protect(look, 1)], [2, 2]);
        drop(ops);
        assert_eq!((live(kind), Rc::strong_count(&kept)), (before, 1));
    });
}

/// C destroys user data after a jump has left a call with it.
mod notified {
    use super::*;

    type Kept = (unsafe extern "C" fn(i32, UserData) -> i32, UserData, unsafe extern "C" fn(UserData));

    thread_local!(static KEPT: Cell<Option<Kept>> = const { Cell::new(None) });

    #[unsafe(no_mangle)]
    unsafe extern "C" fn jumps_keep(
        call: unsafe extern "C" fn(i32, UserData) -> i32,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) {
        KEPT.set(Some((call, data, destroy)));
    }

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "jumps_keep"]
        fn keep(
            #[scope(notified)] call: impl Fn(i32, UserData) -> i32 + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
        #[link_name = "jumps_keep"]
        fn keep_mut(
            #[scope(notified)] call: impl FnMut(i32, UserData) -> i32 + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
    }

    #[test]
    fn a_shared_closure_may_be_left_and_is_destroyed() {
        let kept = Rc::new(());
        let held = kept.clone();
        unsafe {
            keep(move |n| {
                let _ = &held;
                act(n)
            });
            let (call, data, destroy) = KEPT.take().expect("a closure");
            check(|n| jumps_protect_data(call, n, data));
            destroy(data);
        }
        assert_eq!(Rc::strong_count(&kept), 1);
    }

    #[test]
    fn an_exclusive_closure_that_was_left_is_leaked_when_it_is_destroyed() {
        let kept = Rc::new(());
        let held = kept.clone();
        unsafe {
            keep_mut(move |n| {
                let _ = &held;
                act(n)
            });
            let (call, data, destroy) = KEPT.take().expect("a closure");
            assert_eq!([jumps_protect_data(call, 1, data), jumps_protect_data(call, -1, data)], [2, -1]);
            destroy(data);
        }
        assert_eq!(Rc::strong_count(&kept), 2);
    }
}

/// The slot of a closure that is called once is free when the call begins. The closure's captures were moved into the
/// call's frame.
#[test]
fn once_leaves_its_captures_behind() {
    with_each_kind(&|kind| {
        let before = live(kind);
        let once = Trampoline::<Call>::local_once(act).expect("a slot");
        assert_eq!((protect(once, -1), live(kind)), (-1, before));
    });
}

/// Each of these dies in a process of its own.
mod deaths {
    use super::*;

    fn dies(test: &str, message: &str, death: fn()) {
        const CASE: &str = "TRAMP_TEST_JUMPS";
        if let Ok(kind) = std::env::var(CASE) {
            let _live = (kind == "mapped").then(occupy_direct_slots);
            death();
            std::process::exit(0);
        }
        for kind in ["direct", "mapped"] {
            let child = alone(&format!("deaths::{test}")).env(CASE, kind).output().expect("a child process");
            let said = String::from_utf8_lossy(&child.stderr);
            assert!(has_aborted(child.status) && said.contains(message), "{kind}: {:?}: {said}", child.status);
        }
    }

    const LEFT: &str = "or after a longjmp out of it";

    #[test]
    fn an_exclusive_closure_that_was_left_is_not_called_again() {
        dies("an_exclusive_closure_that_was_left_is_not_called_again", LEFT, || {
            let local = Trampoline::<Call>::local_mut(act).expect("a slot");
            assert_eq!(protect(local.as_fn(), -1), -1);
            protect(local.as_fn(), 1);
        });
    }

    #[test]
    fn one_for_any_thread_that_was_left_is_not_called_again() {
        dies("one_for_any_thread_that_was_left_is_not_called_again", LEFT, || {
            let any = Trampoline::<Call>::new_mut(act).expect("a slot");
            assert_eq!(protect(any.as_fn(), -1), -1);
            protect(any.as_fn(), 1);
        });
    }

    #[test]
    fn a_lent_exclusive_closure_that_was_left_is_not_called_again() {
        dies("a_lent_exclusive_closure_that_was_left_is_not_called_again", LEFT, || {
            let _ = Trampoline::<Call>::scoped_mut(act, |lent| (protect(lent, -1), protect(lent, 1)));
        });
    }

    #[test]
    fn user_data_that_was_left_is_not_called_again() {
        dies("user_data_that_was_left_is_not_called_again", LEFT, || {
            let local = Trampoline::<DataCall>::local_mut(act).expect("memory");
            let (callback, data) = local.as_fn();
            assert_eq!(unsafe { jumps_protect_data(callback, -1, data) }, -1);
            unsafe { jumps_protect_data(callback, 1, data) };
        });
    }

    #[test]
    fn an_entry_beside_one_that_was_left() {
        dies("an_entry_beside_one_that_was_left", LEFT, || {
            let ops: Ops<callbacks, ThisThread> = State { _kept: Rc::default() }.bind_local(EMPTY).expect("slots");
            let (change, look) = entries(&ops);
            assert_eq!(protect(change.expect("an entry"), -1), -1);
            protect(look, 1);
        });
    }

    #[test]
    fn a_call_after_the_drop_of_what_was_left() {
        dies("a_call_after_the_drop_of_what_was_left", "called after its trampoline was dropped", || {
            let local = Trampoline::<Call>::local_mut(act).expect("a slot");
            let late = local.as_fn();
            assert_eq!(protect(late, -1), -1);
            drop(local);
            protect(late, 1);
        });
    }
}
