//! Handlers that C keeps without user data: they are unregistered, put back, or NULL.
//!
//! The C side is `c/scopes.c` and libc.

#![cfg_attr(unix, deny(warnings))] // generated code causes no warnings; on other systems, parts of this file are unused
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of C as it is declared")]
#![allow(clashing_extern_declarations, reason = "a function of C is declared for several scopes")]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tramp_rt::{Installed, ThisThread, Trampoline, UserData, trampoline};
use tramp_test_support::{Counted, with_each_kind};

/// C has one of each.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[trampoline]
unsafe extern "C" {
    /// Adds a listener.
    fn scopes_add(#[scope(owned)] call: impl Fn(i32) -> i32 + Send + Sync + 'static) -> i32;
    #[link_name = "scopes_add"]
    fn add_nullable(#[scope(owned)] call: Option<impl FnMut(i32) -> i32 + Send + 'static>);
    fn scopes_remove(call: unsafe extern "C" fn(i32) -> i32) -> i32;
    fn scopes_emit(n: i32) -> i32;

    #[restore]
    fn scopes_set_handler(
        place: i32,
        #[scope(owned)] call: impl Fn(i32) -> i32 + 'static,
    ) -> Option<unsafe extern "C" fn(i32) -> i32>;
    #[restore]
    #[link_name = "scopes_set_handler"]
    fn set_handler_while(
        place: i32,
        #[on_panic(return = -1)] call: impl FnMut(i32) -> i32,
    ) -> Option<unsafe extern "C" fn(i32) -> i32>;
    safe fn scopes_handle(place: i32, n: i32) -> i32;

    fn scopes_with_callback(
        call: impl FnMut(
            unsafe extern "C" fn(i32) -> i32,
            Option<unsafe extern "C" fn(i32, UserData) -> i32>,
            *mut c_void,
        ) -> i32,
    ) -> i32;

    fn scopes_select(
        numbers: *const i32,
        count: usize,
        filter: Option<impl Fn(i32) -> i32>,
        map: Option<impl FnMut(i32) -> i32>,
    ) -> i32;

    #[cfg(unix)]
    #[restore]
    fn signal(
        number: c_int,
        #[scope(owned)] handler: impl Fn(c_int) + Send + Sync + 'static,
    ) -> Option<unsafe extern "C" fn(c_int)>;
}

/// Owns a listener. The signature has the function's name.
struct Listener(Trampoline<scopes_add>);

impl Drop for Listener {
    fn drop(&mut self) {
        assert_eq!(unsafe { scopes_remove(self.0.as_fn()) }, 0);
    }
}

#[test]
fn owned_is_unregistered() {
    let _alone = alone();
    with_each_kind(&|_| {
        let counted = Counted::new();
        let add = |factor: i32| {
            let kept = counted.clone();
            let (result, listener) = unsafe {
                scopes_add(move |n| {
                    let _ = &kept;
                    factor * n
                })
            };
            assert_eq!(result, 0);
            Listener(listener)
        };
        let (one, ten) = (add(1), add(10));
        assert_eq!((unsafe { scopes_emit(3) }, counted.others()), (33, 2));
        drop(one);
        assert_eq!((unsafe { scopes_emit(3) }, counted.others()), (30, 1));
        drop(ten);
        assert_eq!((unsafe { scopes_emit(3) }, counted.others()), (0, 0));

        let none = unsafe { add_nullable(None::<fn(_) -> _>) };
        assert!(none.is_none());
        let mut sum = 0;
        let some = unsafe {
            add_nullable(Some(move |n| {
                sum += n;
                sum
            }))
        }
        .unwrap();
        assert_eq!(unsafe { (scopes_emit(3), scopes_emit(4)) }, (3, 7));
        assert_eq!(unsafe { scopes_remove(some.as_fn()) }, 0);
    });
}

#[test]
fn what_was_there_before_is_restored() {
    let _alone = alone();
    assert_eq!(scopes_handle(0, 5), -5);
    let count = Rc::new(Cell::new(0));
    let shared = count.clone();
    let outer: Installed<scopes_set_handler, ThisThread, _> = unsafe {
        scopes_set_handler(0, move |n| {
            shared.set(n);
            2 * n
        })
    };
    assert_eq!((scopes_handle(0, 5), count.get()), (10, 5));
    assert!(outer.previous().is_some(), "C has one of its own");
    let inner = unsafe { scopes_set_handler(0, |n| 3 * n) };
    assert_eq!(unsafe { inner.previous().unwrap()(4) }, 8, "the outer one");
    assert_eq!((scopes_handle(0, 5), count.get()), (15, 4));
    drop(inner);
    assert_eq!((scopes_handle(0, 6), count.get()), (12, 6));
    drop(outer);
    assert_eq!((scopes_handle(0, 5), Rc::strong_count(&count)), (-5, 1));

    let none_before = unsafe { scopes_set_handler(1, |n| n) };
    assert!(none_before.previous().is_none());
    drop(none_before);
    assert_eq!(scopes_handle(1, 5), 0);
}

#[test]
fn what_was_there_before_is_restored_after_a_call() {
    let _alone = alone();
    let mut seen = Vec::new();
    let sum = unsafe {
        set_handler_while(
            0,
            |n| {
                seen.push(n);
                n
            },
            || scopes_handle(0, 1) + scopes_handle(0, 2),
        )
    };
    assert_eq!((sum, seen, scopes_handle(0, 5)), (3, vec![1, 2], -5));

    if cfg!(panic = "unwind") {
        // The body's panic, and the handler's.
        let body = catch_unwind(AssertUnwindSafe(|| unsafe {
            set_handler_while(0, |n| n, || std::panic::resume_unwind(Box::new("body")))
        }));
        assert_eq!(body.unwrap_err().downcast_ref(), Some(&"body"));
        assert_eq!(scopes_handle(0, 5), -5);
        let handled = Cell::new(0);
        let handler = catch_unwind(AssertUnwindSafe(|| unsafe {
            set_handler_while(
                0,
                |_| std::panic::resume_unwind(Box::new("handler")),
                || handled.set(scopes_handle(0, 1)),
            );
        }));
        assert_eq!((handler.unwrap_err().downcast_ref(), handled.get()), (Some(&"handler"), -1));
        assert_eq!(scopes_handle(0, 5), -5);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_handler_is_restored() {
    static SEEN: AtomicI32 = AtomicI32::new(0);
    let factor = 100;
    let handler =
        unsafe { signal(libc::SIGUSR2, move |number| _ = SEEN.fetch_add(factor + number, Ordering::Relaxed)) };
    assert!(handler.previous().is_none(), "SIG_DFL is 0");
    unsafe { libc::raise(libc::SIGUSR2) };
    assert_eq!(SEEN.load(Ordering::Relaxed), 100 + libc::SIGUSR2);
    let inner = unsafe { signal(libc::SIGUSR2, |_| _ = SEEN.fetch_add(1, Ordering::Relaxed)) };
    unsafe { libc::raise(libc::SIGUSR2) };
    drop(inner);
    unsafe { libc::raise(libc::SIGUSR2) };
    assert_eq!(SEEN.load(Ordering::Relaxed), 2 * (100 + libc::SIGUSR2) + 1);
    drop(handler);
    let mut now = unsafe { std::mem::zeroed::<libc::sigaction>() };
    assert_eq!(unsafe { libc::sigaction(libc::SIGUSR2, ptr::null(), &raw mut now) }, 0);
    assert_eq!(now.sa_sigaction, libc::SIG_DFL);
}

#[test]
fn a_callback_may_receive_callbacks() {
    let _alone = alone();
    let mut calls = 0;
    let result = unsafe {
        scopes_with_callback(|twice, add, data| {
            calls += 1;
            // And give some of its own, while it runs.
            let mut inner = 0;
            let sum = user_data_sum(
                |n| {
                    inner += 1;
                    n
                },
                3,
            );
            assert_eq!((sum, inner), (3, 3));
            twice(4) + add.unwrap()(1, data)
        })
    };
    assert_eq!((result, calls), (8 + 11, 1));
}

fn user_data_sum(visit: impl FnMut(i32) -> i32, count: i32) -> i64 {
    #[trampoline]
    unsafe extern "C" {
        fn scopes_sum_first(visit: impl FnMut(UserData, i32) -> i32, data: UserData, count: i32) -> i64;
    }
    unsafe { scopes_sum_first(visit, count) }
}

#[test]
fn what_may_be_null_may_be_absent() {
    let _alone = alone();
    let numbers = [1, 2, 3, 4];
    let least = 3;
    let mut mapped = 0;
    let select = |filter: Option<&dyn Fn(i32) -> i32>, map: Option<&mut dyn FnMut(i32) -> i32>| unsafe {
        scopes_select(numbers.as_ptr(), numbers.len(), filter, map)
    };
    assert_eq!(select(None, None), 10);
    assert_eq!(select(Some(&|n| i32::from(n >= least)), None), 7);
    assert_eq!(
        select(
            Some(&|n| i32::from(n >= least)),
            Some(&mut |n| {
                mapped += 1;
                10 * n
            })
        ),
        70
    );
    assert_eq!(mapped, 2);
    let absent = unsafe { scopes_select(numbers.as_ptr(), 4, None::<fn(_) -> _>, Some(|n| n + 1)) };
    assert_eq!(absent, 14);
}
