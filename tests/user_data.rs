//! Closures through C's user data: in every place, by every constructor, with no slot.
//!
//! The C side is `c/scopes.c` and libc.

#![cfg_attr(unix, deny(warnings))] // generated code causes no warnings; on other systems, parts of this file are unused
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of C as it is declared")]
#![allow(clashing_extern_declarations, reason = "a function of C is declared for several scopes")]

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use tramp_rt::{ThisThread, Trampoline, UserData, trampoline};
use tramp_test_support::Counted;

#[trampoline]
unsafe extern "C" {
    #[cfg(unix)]
    fn qsort_r(
        base: *mut c_void,
        count: usize,
        size: usize,
        compare: impl FnMut(*const c_void, *const c_void, UserData) -> c_int,
        data: UserData,
    );

    fn scopes_sum_first(visit: impl FnMut(UserData, i32) -> i32, data: UserData, count: i32) -> i64;
    fn scopes_sum_amid(data: UserData, count: i32, visit: impl Fn(i32, UserData, f64) -> i32) -> i64;
    #[link_name = "scopes_sum_first"]
    fn sum_once(#[scope(call)] visit: impl FnOnce(UserData, i32) -> i32, data: UserData, count: i32) -> i64;
    #[link_name = "scopes_sum_first"]
    fn sum_or(#[on_panic(return = -1)] v: impl FnMut(UserData, i32) -> i32, _: tramp_rt::UserData, n: i32) -> i64;
    fn scopes_sum_two(
        #[on_panic(return = 0)] even: Option<impl FnMut(i32, UserData) -> i32>,
        even_data: UserData,
        count: i32,
        #[on_panic(return = 0)] odd: Option<impl FnMut(i32, UserData) -> i32>,
        odd_data: UserData,
    ) -> i64;
    fn scopes_large(make: impl Fn(Large, UserData) -> Large, data: UserData, first: i64) -> Large;
}

#[repr(C)]
struct Large([i64; 9]);

#[cfg(unix)]
#[test]
fn sorts() {
    let mut numbers = [5, 3, 9, 1];
    let mut comparisons = 0;
    let descending = true;
    unsafe {
        qsort_r(numbers.as_mut_ptr().cast(), numbers.len(), size_of::<i32>(), |a, b| {
            comparisons += 1;
            let (a, b) = (*a.cast::<i32>(), *b.cast::<i32>());
            (if descending { b.cmp(&a) } else { a.cmp(&b) }) as c_int
        });
    }
    assert_eq!(numbers, [9, 5, 3, 1]);
    assert!(comparisons >= 3);
}

#[test]
fn is_found_in_every_place() {
    let mut seen = Vec::new();
    let sum = unsafe {
        scopes_sum_first(
            |n| {
                seen.push(n);
                2 * n
            },
            4,
        )
    };
    assert_eq!((sum, seen), (12, vec![0, 1, 2, 3]));

    let halves = RefCell::new(0.0);
    let sum = unsafe {
        scopes_sum_amid(4, |n, half| {
            *halves.borrow_mut() += half;
            n
        })
    };
    assert_eq!((sum, halves.into_inner()), (6, 3.0));

    let offset = 10;
    let large = unsafe { scopes_large(|Large(words)| Large(words.map(|word| word + offset)), 1) };
    assert_eq!(large.0, [11, 12, 13, 14, 15, 16, 17, 18, 19]);
}

/// In a process of its own, where no other test takes slots.
#[test]
fn takes_no_slot() {
    const CHILD: &str = "TRAMP_TEST_NO_SLOT";
    if std::env::var_os(CHILD).is_none() {
        let child = tramp_test_support::alone("user_data::takes_no_slot").env(CHILD, "1").output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let live = || {
        let all = tramp_rt::diagnostics();
        all.direct_live + all.slots.live
    };
    let mut within = None;
    unsafe {
        scopes_sum_first(
            |n| {
                within = Some(live());
                n
            },
            1,
        )
    };
    assert_eq!(within, Some(0));
    let owned = Trampoline::<Visit>::new(|n| n).unwrap();
    assert_eq!(live(), 0);
    drop(owned);
}

#[test]
fn is_called_once() {
    let counted = Counted::new();
    let moved = counted.clone();
    assert_eq!(
        unsafe {
            sum_once(
                move |n| {
                    drop(moved);
                    n + 3
                },
                1,
            )
        },
        3
    );
    assert_eq!(counted.others(), 0);
    let moved = counted.clone();
    assert_eq!(
        unsafe {
            sum_once(
                move |n| {
                    drop(moved);
                    n + 3
                },
                0,
            )
        },
        0
    );
    assert_eq!(counted.others(), 0, "it is dropped though it was not called");
}

#[test]
fn two_have_their_own() {
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    let sum = unsafe {
        scopes_sum_two(
            Some(|n| {
                even.push(n);
                n
            }),
            5,
            Some(|n| {
                odd.push(n);
                10 * n
            }),
        )
    };
    assert_eq!((sum, even, odd), (6 + 40, vec![0, 2, 4], vec![1, 3]));
    // C finds both of the pointers NULL.
    assert_eq!(unsafe { scopes_sum_two(None::<fn(_) -> _>, 2, Some(|n| n)) }, 1001 + 1);
    assert_eq!(unsafe { scopes_sum_two(None::<fn(_) -> _>, 2, None::<fn(_) -> _>) }, 2002);
}

#[test]
#[cfg(panic = "unwind")]
fn a_panic_goes_on_when_c_has_returned() {
    let mut calls = 0;
    let caught = catch_unwind(AssertUnwindSafe(|| unsafe {
        sum_or(
            |n| {
                calls += 1;
                if n == 2 { std::panic::resume_unwind(Box::new(n)) } else { n }
            },
            9,
        )
    }));
    assert_eq!((caught.unwrap_err().downcast_ref(), calls), (Some(&2), 3));

    // The first of two closures is called, and none afterwards.
    let mut calls = 0;
    let caught = catch_unwind(AssertUnwindSafe(|| unsafe {
        scopes_sum_two(
            Some(|n| std::panic::resume_unwind(Box::new(n))),
            9,
            Some(|n| {
                calls += 1;
                n
            }),
        )
    }));
    assert_eq!((caught.unwrap_err().downcast_ref(), calls), (Some(&0), 0));
}

/// A callback type, for functions that a macro does not declare.
#[trampoline]
type Visit = unsafe extern "C" fn(data: UserData, n: i32) -> i32;

#[test]
fn is_given_by_every_constructor() {
    let call = |(visit, data): (unsafe extern "C" fn(UserData, i32) -> i32, UserData)| unsafe {
        visit(data, 20) + visit(data, 1)
    };
    let mut seen = 0;
    let sum = Trampoline::<Visit>::scoped_mut(
        |n| {
            seen += n;
            n + 1
        },
        call,
    )
    .unwrap();
    assert_eq!((sum, seen), (23, 21));
    assert_eq!(Trampoline::<Visit>::scoped_any(|n| n, call).unwrap(), 21);

    let counted = Counted::new();
    let kept = counted.clone();
    let mut seen = 0;
    let owned = Trampoline::<Visit>::new_mut(move |n| {
        let _ = &kept;
        seen += n;
        seen
    })
    .unwrap();
    assert_eq!(call(owned.as_fn()), 20 + 21);
    let moved = std::thread::spawn(move || {
        let _ = call(owned.as_fn());
        owned
    })
    .join()
    .unwrap();
    assert_eq!(call(moved.as_fn()), 62 + 63);
    assert!(!moved.is_direct());
    assert_eq!(counted.others(), 1);
    drop(moved);
    assert_eq!(counted.others(), 0);

    let kept = Rc::new(Cell::new(0));
    let shared = kept.clone();
    let local: Trampoline<Visit, ThisThread> = Trampoline::<Visit>::local(move |n| {
        shared.set(n);
        n
    })
    .unwrap();
    assert_eq!((call(local.as_fn()), kept.get()), (21, 1));
    drop(local);
    assert_eq!(Rc::strong_count(&kept), 1);

    let kept = counted.clone();
    let (visit, data) = Trampoline::<Visit>::once(move |n| {
        drop(kept);
        n + 4
    })
    .unwrap();
    assert_eq!((unsafe { visit(data, 1) }, counted.others()), (5, 0));

    let leaked = Trampoline::<Visit>::new(|n| 3 * n).unwrap().leak();
    assert_eq!(call(leaked), 63);
    Trampoline::<Visit>::reserve(usize::MAX).unwrap(); // nothing is needed
}

#[test]
fn is_of_a_nullable_type_too() {
    let owned = Trampoline::<Option<Visit>>::new(|n| n).unwrap();
    let (visit, data) = owned.as_fn().unwrap();
    assert_eq!(unsafe { visit(data, 4) }, 4);
}

#[test]
fn need_be_no_bytes_and_may_be_aligned() {
    #[repr(align(64))]
    struct Wide(u8);
    let wide = Wide(3);
    assert_eq!(unsafe { scopes_sum_first(|n| n + i32::from(ptr::from_ref(&wide).addr() % 64 == 0), 2) }, 3);
    let owned = Trampoline::<Visit>::new(move |n| {
        assert_eq!(ptr::from_ref(&wide).addr() % 64, 0);
        n + i32::from(wide.0)
    });
    let owned = owned.unwrap();
    let (visit, data) = owned.as_fn();
    assert_eq!(unsafe { visit(data, 1) }, 4);
}

/// User data of other types than C's `void *`.
mod typed {
    use super::*;

    /// As libpcap has it.
    type Handler = unsafe extern "C" fn(user: *mut u8, n: i32) -> i32;

    /// The C side: it passes on what it gets, and no more.
    mod c {
        use super::*;

        #[unsafe(no_mangle)]
        unsafe extern "C" fn typed_bytes(count: i32, handler: Option<Handler>, user: *mut u8) -> i32 {
            (0..count).map(|n| handler.map_or(n, |handler| unsafe { handler(user, n) })).sum()
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn typed_integers(
            call: unsafe extern "C" fn(i32, isize) -> i32,
            data: isize,
            destroy: unsafe extern "C" fn(usize),
        ) -> i32 {
            unsafe {
                let sum = call(1, data) + call(2, data);
                destroy(usize::from_ne_bytes(data.to_ne_bytes()));
                sum
            }
        }
    }

    #[trampoline]
    unsafe extern "C" {
        fn typed_bytes(count: i32, handler: impl FnMut(UserData<*mut u8>, i32) -> i32, user: UserData<*mut u8>) -> i32;
        #[link_name = "typed_bytes"]
        fn bytes_or_none(
            count: i32,
            handler: Option<impl FnMut(UserData<*mut u8>, i32) -> i32>,
            user: tramp_rt::UserData<*mut u8>,
        ) -> i32;
        #[link_name = "typed_bytes"]
        fn bytes_once(count: i32, handler: impl FnOnce(UserData<*mut u8>, i32) -> i32, user: UserData<*mut u8>) -> i32;
        fn typed_integers(
            #[scope(notified)] call: impl FnMut(i32, UserData<isize>) -> i32 + 'static,
            data: UserData<isize>,
            destroy: unsafe extern "C" fn(UserData<usize>),
        ) -> i32;
    }

    #[trampoline]
    type Typed = unsafe extern "C" fn(user: UserData<*const Large>, n: i32) -> i32;

    #[test]
    fn closures_travel_through_pointers_of_other_types() {
        let mut sum = 0;
        let add = |n| {
            sum += n;
            sum
        };
        assert_eq!(unsafe { typed_bytes(4, add) }, 10);
        assert_eq!(sum, 6);
        let factor = 10;
        assert_eq!(unsafe { bytes_or_none(4, Some(|n| factor * n)) }, 60);
        assert_eq!(unsafe { bytes_or_none(4, None::<fn(_) -> _>) }, 6);
        let text = String::from("moved out");
        assert_eq!(unsafe { bytes_once(1, |_| c_int::try_from(text.into_bytes().len()).expect("short")) }, 9);
    }

    #[test]
    fn closures_travel_through_integers_until_c_destroys_them() {
        let counted = Counted::new();
        let captured = counted.clone();
        let mut calls = 0;
        let sum = unsafe {
            typed_integers(move |n| {
                calls += n;
                10 * calls + c_int::try_from(captured.others()).expect("few")
            })
        };
        assert_eq!((sum, counted.others()), (42, 0));
    }

    #[test]
    fn a_type_has_every_constructor_and_its_pointer_the_type_of_c() {
        let offset = 5;
        let owned = Trampoline::<Typed>::new(move |n| n + offset).expect("memory");
        let (call, data): (unsafe extern "C" fn(*const Large, i32) -> i32, *const Large) = owned.as_fn();
        assert_eq!(unsafe { call(data, 2) }, 7);
        let mut sum = 0;
        let lent = Trampoline::<Typed>::scoped_mut(
            |n| {
                sum += n;
                sum
            },
            |(call, data)| unsafe { call(data, 1) + call(data, 2) },
        );
        assert_eq!((lent.expect("memory"), sum), (4, 3));
    }
}
