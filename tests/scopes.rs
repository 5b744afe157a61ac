//! How long C keeps a closure, in every scope, with and without user data; and what is put back or NULL.
//!
//! The C side is `c/scopes.c` and libc.

#![cfg_attr(unix, deny(warnings))] // generated code has none to give its users; elsewhere not all is used
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of C as it is declared")]
#![allow(clashing_extern_declarations, reason = "a function of C is declared for several scopes")]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
#[cfg(unix)]
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tramp_rt::{Installed, ThisThread, Trampoline, UserData, trampoline};
use tramp_test_support::with_each_kind;

/// Counts its instances.
#[derive(Clone)]
struct Counted(Arc<()>);

impl Counted {
    fn new() -> Self {
        Self(Arc::new(()))
    }

    /// But for this one.
    fn others(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

/// C has one of each.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

mod user_data {
    use super::*;

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

    /// In a process of its own, where no other test takes any.
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

        // Of two the first, and none is called afterwards.
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
}

mod kept {
    use super::*;

    static PANICS: AtomicI32 = AtomicI32::new(0);

    fn count(_: Box<dyn Any + Send>) {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }

    #[trampoline]
    unsafe extern "C" {
        // An `FnOnce` that C calls once, later.
        #[link_name = "scopes_listen"]
        fn listen_once(
            #[scope(async)] call: impl FnOnce(UserData, i32) -> i32 + Send + 'static,
            data: UserData,
            destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        ) -> i32;

        fn scopes_listen(
            #[scope(notified)]
            #[on_panic(return = -9, hook = count)]
            call: impl FnMut(UserData, i32) -> i32 + Send + 'static,
            data: UserData,
            destroy: Option<unsafe extern "C" fn(UserData)>,
        ) -> i32;
        #[link_name = "scopes_listen"]
        fn listen_shared(
            #[scope(notified)] call: impl Fn(UserData, i32) -> i32 + Send + Sync + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        ) -> i32;
        #[link_name = "scopes_listen"]
        fn listen_here(
            #[scope(notified)] call: Option<impl FnMut(UserData, i32) -> i32 + 'static>,
            data: UserData,
            destroy: Option<unsafe extern "C" fn(data: UserData)>,
        );
        #[link_name = "scopes_listen"]
        fn listen_at_most_once(
            #[scope(notified)] call: impl FnOnce(UserData, i32) -> i32 + Send + 'static,
            data: UserData,
            destroy: extern "C" fn(UserData),
        );
        fn scopes_listen_with_reason(
            #[scope(notified)] call: impl Fn(UserData, i32) -> i32 + 'static,
            destroy: unsafe extern "C" fn(reason: i32, data: UserData),
            data: UserData,
        );
        #[link_name = "scopes_listen"]
        fn listen_forever(
            #[scope(forever)] call: impl Fn(UserData, i32) -> i32 + Send + Sync + 'static,
            data: UserData,
            destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        ) -> i32;
        #[link_name = "scopes_listen"]
        fn listen_owned(
            #[scope(owned)] call: impl FnMut(UserData, i32) -> i32 + 'static,
            data: UserData,
            destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        ) -> i32;

        safe fn scopes_forget();
        safe fn scopes_forget_elsewhere();
        safe fn scopes_notify(n: i32) -> i32;
        safe fn scopes_notify_elsewhere(n: i32) -> i32;

        #[cfg(unix)]
        fn pthread_create(
            thread: *mut libc::pthread_t,
            attributes: *const libc::pthread_attr_t,
            #[scope(async)] run: impl FnOnce(UserData) -> *mut c_void + Send + 'static,
            data: UserData,
        ) -> c_int;
    }

    #[cfg(unix)]
    #[test]
    fn a_thread_runs_its_closure_once() {
        let counted = Counted::new();
        let mut threads = Vec::new();
        for n in 0..20_usize {
            let mut thread = MaybeUninit::uninit(); // a number or a pointer, as the C library has it
            let kept = counted.clone();
            let run = move || {
                drop(kept);
                ptr::without_provenance_mut(n * n)
            };
            assert_eq!(unsafe { pthread_create(thread.as_mut_ptr(), ptr::null(), run) }, 0);
            threads.push(unsafe { thread.assume_init() });
        }
        for (n, thread) in threads.into_iter().enumerate() {
            let mut result = ptr::null_mut();
            assert_eq!(unsafe { libc::pthread_join(thread, &raw mut result) }, 0);
            assert_eq!(result.addr(), n * n);
        }
        assert_eq!(counted.others(), 0);
    }

    #[test]
    fn async_is_gone_when_it_was_called() {
        let _alone = alone();
        let counted = Counted::new();
        let kept = counted.clone();
        assert_eq!(
            unsafe {
                listen_once(
                    move |n| {
                        drop(kept);
                        n + 1
                    },
                    None,
                )
            },
            5
        );
        assert_eq!(counted.others(), 1);
        assert_eq!((scopes_notify_elsewhere(1), counted.others()), (2, 0));
        scopes_forget();
    }

    #[test]
    fn notified_goes_when_c_destroys_it() {
        let _alone = alone();
        let counted = Counted::new();
        let (kept, mut sum) = (counted.clone(), 0);
        let call = move |n| {
            let _ = &kept;
            assert!(n < 100, "too large");
            sum += n;
            sum
        };
        assert_eq!(unsafe { scopes_listen(call,) }, 5);
        assert_eq!((scopes_notify(1), scopes_notify_elsewhere(2), counted.others()), (1, 3, 1));
        if cfg!(panic = "unwind") {
            assert_eq!((scopes_notify(200), PANICS.load(Ordering::Relaxed)), (-9, 1));
            assert_eq!(scopes_notify(3), 6);
        }
        scopes_forget_elsewhere();
        assert_eq!((counted.others(), scopes_notify(1)), (0, -1));

        let kept = counted.clone();
        unsafe { listen_shared(move |n| n + i32::try_from(kept.others()).unwrap()) };
        assert_eq!((scopes_notify(1), scopes_notify_elsewhere(2)), (2, 3));
        scopes_forget();
        assert_eq!(counted.others(), 0);
    }

    #[test]
    fn notified_may_be_absent_or_of_this_thread() {
        let _alone = alone();
        let count = Rc::new(Cell::new(0));
        let shared = count.clone();
        unsafe {
            listen_here(Some(move |n| {
                shared.set(shared.get() + n);
                n
            }));
        };
        assert_eq!((scopes_notify(4), scopes_notify(3), count.get()), (4, 3, 7));
        unsafe { listen_here(None::<fn(_) -> _>) };
        assert_eq!((scopes_notify(4), Rc::strong_count(&count)), (-1, 1));
        scopes_forget(); // with NULL, which destroys nothing
    }

    #[test]
    fn notified_may_be_called_once_or_never() {
        let _alone = alone();
        let counted = Counted::new();
        let kept = counted.clone();
        unsafe {
            listen_at_most_once(move |n| {
                drop(kept);
                n
            });
        };
        assert_eq!((scopes_notify(4), counted.others()), (4, 0));
        scopes_forget();
        let kept = counted.clone();
        unsafe {
            listen_at_most_once(move |n| {
                drop(kept);
                n
            });
        };
        assert_eq!(counted.others(), 1);
        scopes_forget();
        assert_eq!(counted.others(), 0);
    }

    #[test]
    fn a_destroy_function_may_have_other_arguments() {
        let _alone = alone();
        let count = Rc::new(());
        let kept = count.clone();
        unsafe {
            scopes_listen_with_reason(move |n| {
                let _ = &kept;
                n
            });
        };
        assert_eq!((scopes_notify(4), Rc::strong_count(&count)), (4, 2));
        scopes_forget();
        assert_eq!(Rc::strong_count(&count), 1);
    }

    #[test]
    fn forever_is_for_ever() {
        let _alone = alone();
        let counted = Counted::new();
        let kept = counted.clone();
        unsafe {
            listen_forever(
                move |n| {
                    let _ = &kept;
                    n
                },
                None,
            )
        };
        scopes_forget();
        assert_eq!(counted.others(), 1);
    }

    #[test]
    fn owned_comes_back_beside_the_result() {
        let _alone = alone();
        let count = Rc::new(Cell::new(0));
        let shared = count.clone();
        let (result, owner) = unsafe {
            listen_owned(
                move |n| {
                    shared.set(n);
                    n
                },
                None,
            )
        };
        let owner: Trampoline<listen_owned, ThisThread> = owner;
        assert_eq!((result, scopes_notify(6), count.get()), (5, 6, 6));
        scopes_forget();
        drop(owner);
        assert_eq!(Rc::strong_count(&count), 1);
    }
}

mod without_user_data {
    use super::*;

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

    /// Owns a listener: the signature has the function's name.
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
}
