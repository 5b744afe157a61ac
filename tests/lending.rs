//! Closures that are lent without their type being written, and several in one scope.

#![allow(clippy::undocumented_unsafe_blocks, reason = "every unsafe block calls a lent closure while it is lent")]

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tramp_rt::{Trampoline, UserData, diagnostics, lend, lend_mut, scope, trampoline};
use tramp_test_support::{Counted, direct_and_mapped};

/// As bindings declare it: with an `Option`, which has a name.
mod sys {
    use super::*;

    pub(super) type Compare = Option<unsafe extern "C" fn(*const c_void, *const c_void) -> c_int>;

    unsafe extern "C" {
        pub(super) fn qsort(base: *mut c_void, count: usize, size: usize, compare: Compare);
    }

    /// A function pointer without `Option`, and one that is called inside itself.
    pub(super) unsafe fn apply(call: unsafe extern "C" fn(c_int) -> c_int, n: c_int) -> c_int {
        unsafe { call(n) }
    }
}

type Call = unsafe extern "C" fn(c_int) -> c_int;

#[trampoline]
type DataCall = unsafe extern "C" fn(n: c_int, data: UserData) -> c_int;

#[trampoline]
#[on_panic(return = -1)]
type Caught = unsafe extern "C" fn(n: c_int) -> c_int;

/// Writes its number down when it is dropped.
struct Says<'a>(&'a RefCell<Vec<c_int>>, c_int);

impl Drop for Says<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// Panics when it is dropped.
#[cfg(panic = "unwind")]
struct Panics(Counted);

#[cfg(panic = "unwind")]
impl Drop for Panics {
    fn drop(&mut self) {
        resume_unwind(Box::new("destructor"));
    }
}

/// Other tests of this program would take slots, which are counted.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn live() -> (usize, usize) {
    let now = diagnostics();
    (now.direct_live, now.slots.live)
}

#[test]
fn the_type_comes_from_the_function_that_is_called() {
    let _alone = alone();
    direct_and_mapped(|| {
        let mut numbers = [3, 1, 2];
        let mut comparisons = 0;
        let base = numbers.as_mut_ptr().cast();
        lend_mut(
            |compare| unsafe { sys::qsort(base, 3, 4, compare) },
            |a, b| {
                comparisons += 1;
                // The types are known here: a method of an argument resolves.
                unsafe { (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as c_int }
            },
        )
        .expect("a slot");
        assert_eq!(numbers, [1, 2, 3]);
        assert!(comparisons >= 2);

        let depth = Cell::new(0);
        let result = lend(
            |call| {
                depth.set(depth.get() + 1);
                unsafe { sys::apply(call, 3) }
            },
            |n| n.pow(2) + depth.get(),
        );
        assert_eq!(result.expect("a slot"), 10);
    });
}

#[test]
fn a_scope_lends_closures_of_every_kind_at_once() {
    let _alone = alone();
    direct_and_mapped(|| {
        let before = live();
        let (mut sum, text, total) = (0, String::from("moved out"), AtomicI32::new(0));
        let (mut any_sum, any_text) = (0, String::from("to any thread"));
        scope(|s| {
            let shared = s.lend::<Call, _>(|n| n + c_int::try_from(total.load(Ordering::Relaxed)).expect("small"))?;
            let exclusive = s.lend_mut::<Option<Call>, _>(|n| {
                sum += n;
                sum
            })?;
            let once =
                s.lend_once::<Call, _>(|n| n + c_int::try_from(String::into_bytes(text).len()).expect("short"))?;
            let any = s.lend_any::<Call, _>(|n| total.fetch_add(n, Ordering::Relaxed))?;
            let any_mut = s.lend_any_mut::<Call, _>(|n| {
                any_sum += n;
                any_sum
            })?;
            let any_once = s.lend_any_once::<Call, _>(|n| n + c_int::try_from(any_text.len()).expect("short"))?;
            let exclusive = exclusive.expect("never NULL");
            unsafe {
                assert_eq!((shared(1), shared(2)), (1, 2));
                assert_eq!((exclusive(1), exclusive(2)), (1, 3));
                assert_eq!(once(1), 10);
                std::thread::scope(|threads| {
                    threads.spawn(|| assert_eq!((any_mut(4), any_mut(5)), (4, 9))).join().expect("no panic");
                    threads.spawn(|| assert_eq!(any_once(1), 14));
                    for n in 1..=4 {
                        threads.spawn(move || any(n));
                    }
                });
                assert_eq!(shared(0), 10);
            }
            Ok::<_, tramp_rt::Error>(())
        })
        .expect("slots");
        assert_eq!((sum, any_sum, total.into_inner()), (3, 9, 10));
        assert_eq!(live(), before);
    });
}

#[test]
fn a_scope_lends_through_user_data() {
    let _alone = alone();
    let (mut sum, counted) = (0, Counted::new());
    let before = live();
    scope(|s| {
        let (add, data) = s.lend_mut::<DataCall, _>(|n| {
            sum += n;
            sum
        })?;
        let captured = counted.clone();
        let (once, of_once) = s.lend_once::<DataCall, _>(move |n| {
            drop(captured);
            n
        })?;
        let left = counted.clone();
        s.lend_any_once::<DataCall, _>(move |_| {
            drop(left);
            0
        })?;
        assert_eq!(live(), before, "no slot");
        assert_eq!(counted.others(), 2);
        assert_eq!(unsafe { (add(1, data), add(2, data), once(7, of_once)) }, (1, 3, 7));
        assert_eq!(counted.others(), 1);
        Ok::<_, tramp_rt::Error>(())
    })
    .expect("memory");
    assert_eq!((sum, counted.others()), (3, 0));
}

#[test]
fn closures_are_dropped_once_and_the_last_one_first() {
    let _alone = alone();
    direct_and_mapped(|| {
        let order = RefCell::new(Vec::new());
        let before = live();
        scope(|s| {
            for number in 0..20 {
                let says = Says(&order, number);
                // Large and small, called and not called.
                let call = s.lend_once::<Call, _>(move |n| {
                    let says = says; // the whole of it
                    n + says.1
                });
                let call = call.expect("a slot");
                if number % 3 == 0 {
                    assert_eq!(unsafe { call(1) }, number + 1);
                    assert_eq!(order.borrow_mut().pop(), Some(number), "dropped by its call");
                }
            }
            assert!(order.borrow().is_empty());
        });
        let expected: Vec<_> = (0..20).filter(|number| number % 3 != 0).rev().collect();
        assert_eq!(*order.borrow(), expected);
        assert_eq!(live(), before);
    });
}

#[test]
fn a_scope_may_lend_nothing_and_be_left_early() {
    let _alone = alone();
    assert_eq!(scope(|_| 3), 3);
    let counted = Counted::new();
    let result: Result<(), &str> = scope(|s| {
        let captured = counted.clone();
        s.lend::<Call, _>(move |n| n + c_int::try_from(captured.others()).expect("few")).expect("a slot");
        Err("left")
    });
    assert_eq!((result, counted.others()), (Err("left"), 0));
}

#[test]
fn a_closure_may_lend_others_in_its_own_scope() {
    let _alone = alone();
    direct_and_mapped(|| {
        let calls = Cell::new(0);
        let made = RefCell::new(Vec::new());
        let total = scope(|s| {
            let (calls, made) = (&calls, &made);
            let more = s.lend::<Call, _>(move |n| {
                let next = s.lend::<Call, _>(move |m| {
                    calls.set(calls.get() + 1);
                    n * m
                });
                made.borrow_mut().push(next.expect("a slot"));
                n
            });
            let more = more.expect("a slot");
            (1..=30).for_each(|n| assert_eq!(unsafe { more(n) }, n));
            made.borrow().iter().map(|next| unsafe { next(2) }).sum::<c_int>()
        });
        assert_eq!((total, calls.get()), (930, 30));
        made.borrow_mut().clear();
    });
}

/// Lends one more closure when it is dropped.
struct LendsAgain<'scope, 'env>(&'scope tramp_rt::Scope<'scope, 'env>, Counted, c_int);

impl LendsAgain<'_, '_> {
    fn add(&self, n: c_int) -> c_int {
        n + self.2
    }
}

impl Drop for LendsAgain<'_, '_> {
    fn drop(&mut self) {
        if self.2 > 0 {
            let again = LendsAgain(self.0, self.1.clone(), self.2 - 1);
            let call = self.0.lend::<Call, _>(move |n| again.add(n));
            assert_eq!(unsafe { call.expect("a slot")(1) }, self.2);
        }
    }
}

#[test]
fn what_a_destructor_lends_is_dropped_as_well() {
    let _alone = alone();
    direct_and_mapped(|| {
        let counted = Counted::new();
        let before = live();
        scope(|s| {
            let lends = LendsAgain(s, counted.clone(), 5);
            s.lend::<Call, _>(move |n| lends.add(n)).expect("a slot");
            assert_eq!(counted.others(), 1);
        });
        assert_eq!((counted.others(), live()), (0, before));
    });
}

#[test]
fn scopes_nest() {
    let _alone = alone();
    let mut outer = 0;
    let result = scope(|s| {
        let add = s.lend_mut::<Call, _>(|n| {
            outer += n;
            outer
        });
        let add = add.expect("a slot");
        let mut inner = 0;
        let result = scope(|t| {
            let both = t.lend_mut::<Call, _>(|n| {
                inner += 1;
                unsafe { add(n) }
            });
            let both = both.expect("a slot");
            unsafe { both(2) + both(3) }
        });
        result + inner
    });
    assert_eq!((result, outer), (9, 5));
}

#[test]
#[cfg(panic = "unwind")]
fn a_scope_that_unwinds_ends_its_closures() {
    let _alone = alone();
    direct_and_mapped(|| {
        let counted = Counted::new();
        let before = live();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            scope(|s| {
                for _ in 0..10 {
                    let captured = counted.clone();
                    s.lend::<Call, _>(move |n| n + c_int::try_from(captured.others()).expect("few")).expect("a slot");
                }
                assert_eq!(counted.others(), 10);
                resume_unwind(Box::new("left"));
            })
        }));
        assert_eq!(panic.expect_err("unwound").downcast_ref(), Some(&"left"));
        assert_eq!((counted.others(), live()), (0, before));
    });
}

#[test]
#[cfg(panic = "unwind")]
fn a_destructor_that_panics_leaves_no_closure_behind() {
    let _alone = alone();
    direct_and_mapped(|| {
        let counted = Counted::new();
        let before = live();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            scope(|s| {
                for number in 0..10 {
                    let captured = counted.clone();
                    let panics = (number == 5).then(|| Panics(counted.clone()));
                    let closure = move |n| {
                        let panics = panics.as_ref().map_or(0, |panics| panics.0.others());
                        n + c_int::try_from(captured.others() + panics).expect("few")
                    };
                    if number % 2 == 0 {
                        s.lend::<DataCall, _>(closure).expect("memory");
                    } else {
                        s.lend::<Call, _>(closure).expect("a slot");
                    }
                }
            });
        }));
        assert_eq!(panic.expect_err("unwound").downcast_ref(), Some(&"destructor"));
        assert_eq!((counted.others(), live()), (0, before));
    });
}

#[test]
#[cfg(panic = "unwind")]
fn a_panic_that_is_kept_from_c_goes_on_behind_the_scope() {
    let _alone = alone();
    direct_and_mapped(|| {
        let (ran, counted) = (Cell::new(0), Counted::new());
        let panic = catch_unwind(AssertUnwindSafe(|| {
            scope(|s| {
                let captured = counted.clone();
                let panics = s.lend::<Caught, _>(move |n| match captured.others() {
                    0 => n,
                    _ => resume_unwind(Box::new("first")),
                });
                let counts = s.lend::<Caught, _>(|n| {
                    ran.set(ran.get() + n);
                    n
                });
                let (panics, counts) = (panics.expect("a slot"), counts.expect("a slot"));
                assert_eq!(
                    unsafe { (counts(1), panics(2), counts(4)) },
                    (1, -1, -1),
                    "the others are not called any more"
                );
                ran.set(ran.get() + 100);
            });
        }));
        assert_eq!(panic.expect_err("resumed").downcast_ref(), Some(&"first"));
        assert_eq!((ran.get(), counted.others()), (101, 0));
    });
}

#[test]
fn a_thread_may_end_with_a_scope() {
    let _alone = alone();
    std::thread::spawn(|| {
        let own = Rc::new(Cell::new(0));
        scope(|s| {
            let set = s.lend::<Call, _>(|n| own.replace(n)).expect("a slot");
            assert_eq!(unsafe { (set(1), set(2)) }, (0, 1));
        });
        assert_eq!(own.get(), 2);
    })
    .join()
    .expect("no panic");
}

type Safe = extern "C" fn(c_int) -> c_int;
fn twice(call: Safe, n: c_int) -> c_int {
    call(call(n))
}

#[test]
fn a_pointer_is_as_it_was_declared() {
    let _alone = alone();
    direct_and_mapped(|| {
        let factor = 3;
        let triple = Trampoline::<Safe>::new(move |n| factor * n).expect("a slot");
        let declared = unsafe { triple.as_declared() };
        assert_eq!(twice(declared, 2), 18);
        assert!(ptr::fn_addr_eq(declared, triple.as_fn()));
        let nullable = Trampoline::<Option<Safe>>::local_mut(move |n| factor + n).expect("a slot");
        assert_eq!(twice(unsafe { nullable.as_declared() }.expect("never NULL"), 2), 8);
    });
    let by_data = Trampoline::<DataCall>::new(|n| n + 1).expect("memory");
    let (call, data) = unsafe { by_data.as_declared() };
    assert_eq!(unsafe { call(1, data) }, 2);
}
