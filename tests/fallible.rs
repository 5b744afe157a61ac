//! Functions of `extern` blocks that return an error where others panic: all values come back, and a failure leaves C alone.
//!
//! The C side is Rust of this file, except for the closures.

#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function below as it is declared")]

use std::cell::Cell;

use tramp_rt::{Error, Installed, ThisThread, Trampoline, UserData, trampoline};
use tramp_test_support::{Counted, MayBeFull, on_a_full_heap};

#[global_allocator]
static ALLOCATOR: MayBeFull = MayBeFull;

mod c {
    use super::*;

    type Call = unsafe extern "C" fn(i32) -> i32;

    thread_local!(pub(super) static CALLS: Cell<u32> = const { Cell::new(0) });
    thread_local!(static HANDLER: Cell<Option<Call>> = const { Cell::new(None) });

    fn called() {
        CALLS.set(CALLS.get() + 1);
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn fallible_sum(count: i32, call: Option<Call>) -> i32 {
        called();
        (0..count).map(|n| call.map_or(n, |call| unsafe { call(n) })).sum()
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn fallible_both(first: Call, last: Call) {
        called();
        unsafe { last(first(1)) };
    }

    #[unsafe(no_mangle)]
    extern "C" fn fallible_set(handler: Option<Call>) -> Option<Call> {
        called();
        HANDLER.replace(handler)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn fallible_handle(n: i32) -> i32 {
        HANDLER.get().map_or(-n, |handler| unsafe { handler(n) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn fallible_destroy(
        call: unsafe extern "C" fn(UserData, i32) -> i32,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) -> i32 {
        called();
        unsafe {
            let result = call(data, 4);
            destroy(data);
            result
        }
    }
}

#[trampoline]
unsafe extern "C" {
    /// Adds up.
    #[fallible]
    fn fallible_sum(count: i32, call: impl FnMut(i32) -> i32) -> i32;
    #[fallible]
    #[link_name = "fallible_sum"]
    fn sum_nullable(count: i32, call: Option<impl FnMut(i32) -> i32>) -> i32;

    #[fallible]
    fn fallible_both(first: impl FnMut(i32) -> i32, last: impl FnOnce(i32) -> i32);
    #[fallible]
    #[link_name = "fallible_both"]
    fn both_in_part(first: impl FnMut(i32) -> i32, #[scope(owned)] last: impl FnMut(i32) -> i32 + 'static);
    #[fallible]
    #[link_name = "fallible_both"]
    fn both_owned(
        #[scope(owned)] first: impl FnMut(i32) -> i32 + 'static,
        #[scope(owned)] last: impl Fn(i32) -> i32 + Send + Sync + 'static,
    );
    #[fallible]
    #[link_name = "fallible_both"]
    fn both_once(#[scope(async)] first: impl FnOnce(i32) -> i32 + 'static, last: impl FnMut(i32) -> i32);

    #[fallible]
    #[link_name = "fallible_sum"]
    fn sum_owned(count: i32, #[scope(owned)] call: impl FnMut(i32) -> i32 + 'static) -> i32;
    #[fallible]
    #[link_name = "fallible_sum"]
    safe fn sum_safely(count: i32, call: impl Fn(i32) -> i32) -> i32;

    #[fallible]
    #[restore]
    fn fallible_set(
        #[scope(owned)] handler: impl FnMut(i32) -> i32 + 'static,
    ) -> Option<unsafe extern "C" fn(i32) -> i32>;
    #[fallible]
    #[restore]
    #[link_name = "fallible_set"]
    fn set_while(handler: impl FnMut(i32) -> i32) -> Option<unsafe extern "C" fn(i32) -> i32>;
    fn fallible_handle(n: i32) -> i32;

    #[fallible]
    fn fallible_destroy(
        #[scope(notified)] call: impl FnMut(UserData, i32) -> i32 + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) -> i32;
}

#[test]
fn values_come_back() -> Result<(), Error> {
    let factor = 10;
    assert_eq!(unsafe { fallible_sum(4, |n| factor * n) }?, 60);
    assert_eq!(unsafe { sum_nullable(4, Some(|n| factor * n)) }?, 60);
    assert_eq!(unsafe { sum_nullable(4, None::<fn(_) -> _>) }?, 6);
    assert_eq!(sum_safely(3, |n| n + factor)?, 33);

    let (mut seen, mut last) = (0, 0);
    unsafe {
        fallible_both(
            |n| {
                seen += n;
                n + 1
            },
            |n| {
                last = n;
                n
            },
        )
    }?;
    assert_eq!((seen, last), (1, 2));

    let owner: Trampoline<both_in_part, ThisThread> = unsafe { both_in_part(|n| n + 1, |n| n) }?;
    assert_eq!(unsafe { owner.as_fn()(3) }, 3);
    let owners = unsafe { both_owned(|n| n, |n| 2 * n) }?;
    assert_eq!(unsafe { (owners.0.as_fn()(3), owners.1.as_fn()(3)) }, (3, 6));
    let (sum, owner) = unsafe { sum_owned(3, |n| n + 1) }?;
    assert_eq!((sum, unsafe { owner.as_fn()(1) }), (6, 2));

    let counted = Counted::new();
    let (once, mut last) = (counted.clone(), 0);
    unsafe {
        both_once(
            move |n| {
                drop(once);
                n + 6
            },
            |n| {
                last = n;
                n
            },
        )
    }?;
    assert_eq!((last, counted.others()), (7, 0));

    let installed: Installed<fallible_set, ThisThread, _> = unsafe { fallible_set(|n| 2 * n) }?;
    assert_eq!(unsafe { fallible_handle(4) }, 8);
    drop(installed);
    let handled = unsafe { set_while(|n| 3 * n, || fallible_handle(4)) }?;
    assert_eq!((handled, unsafe { fallible_handle(4) }), (12, -4));

    let captured = counted.clone();
    let result = unsafe { fallible_destroy(move |n| n + i32::try_from(captured.others()).expect("few")) };
    assert_eq!((result?, counted.others()), (5, 0));
    Ok(())
}

#[test]
fn a_failure_does_not_reach_c() {
    let counted = Counted::new();
    let large = || {
        let captured = counted.clone();
        let words = [1_u64; 8];
        move |n: i32| n + i32::try_from(captured.others() + words.len()).expect("few")
    };
    let is_heap = |error| assert!(matches!(error, Error::Heap { .. }), "{error}");
    // The probes and the tables are there.
    drop(unsafe { both_owned(|n| n, |n| n) }.expect("slots"));
    c::CALLS.set(0);

    let closure = large();
    is_heap(on_a_full_heap(|| unsafe { sum_owned(3, closure) }).expect_err("no memory"));
    let (first, last) = (large(), |n| n);
    is_heap(on_a_full_heap(|| unsafe { both_in_part(last, first) }).expect_err("no memory"));
    let (first, last) = (large(), |n| n);
    is_heap(on_a_full_heap(|| unsafe { both_once(first, last) }).expect_err("no memory"));
    let handler = large();
    is_heap(on_a_full_heap(|| unsafe { fallible_set(handler) }).expect_err("no memory"));
    let closure = large();
    is_heap(on_a_full_heap(|| unsafe { fallible_destroy(closure) }).expect_err("no memory"));
    assert_eq!((counted.others(), c::CALLS.get()), (0, 0));
}
