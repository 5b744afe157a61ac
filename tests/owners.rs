//! The promises of owners: closures run, are dropped exactly once, and come back if they cannot be bound.

#![allow(clippy::undocumented_unsafe_blocks, reason = "every unsafe block calls a live trampoline, or one it leaked")]

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tramp_rt::{ThisThread, Trampoline};
use tramp_test_support::direct_and_mapped;

type Add = unsafe extern "C" fn(c_int, c_int) -> c_int;
type Notify = unsafe extern "C" fn();

/// Counts its drops.
struct Witness(Arc<AtomicUsize>);

impl Witness {
    fn new() -> (Self, Arc<AtomicUsize>) {
        let drops = Arc::new(AtomicUsize::new(0));
        (Self(drops.clone()), drops)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn an_owned_closure_runs_and_is_dropped_once() {
    direct_and_mapped(|| {
        let (witness, drops) = Witness::new();
        let add = Trampoline::<Add>::new(move |a, b| {
            let _ = &witness;
            a + b
        })
        .expect("a slot");
        assert_eq!(unsafe { (add.as_fn())(2, 3) }, 5);
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        drop(add);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn every_way_of_keeping_a_closure_works() {
    #[repr(align(64))]
    struct Aligned(u8);
    struct Empty(Rc<Cell<u32>>);
    thread_local!(static DROPS: Rc<Cell<u32>> = Rc::default());
    struct DropsWithoutBytes;
    impl Drop for DropsWithoutBytes {
        fn drop(&mut self) {
            DROPS.with(|drops| drops.set(drops.get() + 1));
        }
    }
    #[repr(align(64))]
    struct AlignedWithoutBytes;
    fn same<F: Fn(c_int, c_int) -> c_int + 'static>(closure: F) -> Trampoline<Add, ThisThread> {
        Trampoline::<Add>::local(closure).expect("a slot")
    }

    direct_and_mapped(|| {
        let check = |name: &str, add: Trampoline<Add, ThisThread>, expected| {
            assert_eq!(unsafe { (add.as_fn())(1, 2) }, expected, "{name}");
            assert_eq!(unsafe { (add.as_fn())(1, 2) }, expected, "{name}, again");
        };
        check("no captures", same(|a, b| a + b), 3);
        let small = 10_u8;
        check("one byte", same(move |a, b| a + b + c_int::from(small)), 13);
        let word: &'static c_int = &100;
        check("one word", same(move |a, b| a + b + word), 103);
        let large = [1; 100];
        check("many words", same(move |a, b| a + b + large.iter().sum::<c_int>()), 103);
        let aligned = Aligned(7);
        check(
            "over-aligned",
            same(move |a, b| {
                assert_eq!((&raw const aligned).addr() % 64, 0);
                a + b + c_int::from(aligned.0)
            }),
            10,
        );
        let empty = DropsWithoutBytes;
        let before = DROPS.with(|drops| drops.get());
        check(
            "no bytes, but a destructor",
            same(move |a, b| {
                let _ = &empty;
                a + b
            }),
            3,
        );
        assert_eq!(DROPS.with(|drops| drops.get()), before + 1);
        let aligned = AlignedWithoutBytes;
        check(
            "no bytes, over-aligned",
            same(move |a, b| {
                assert_eq!((&raw const aligned).addr() % 64, 0);
                a + b
            }),
            3,
        );
        let counter = Empty(Rc::new(Cell::new(0)));
        check("an Rc", same(move |a, b| a + b + c_int::from(counter.0.replace(5) > 100)), 3);
    });
}

/// Some bytes of a closure in its slot's word were never written. `MemorySanitizer` reports it if code reads one.
#[test]
fn a_closure_in_its_slot_may_have_padding() {
    type Get = unsafe extern "C" fn() -> u32;
    direct_and_mapped(|| {
        let (a, b, c) = std::hint::black_box((3_u32, 4_u8, 0_u8));
        let get = move || a * u32::from(b) + u32::from(c);
        let live = Trampoline::<Get>::new(get).expect("a slot");
        assert_eq!(unsafe { (live.as_fn())() }, 12);
        let mut_ = Trampoline::<Get>::new_mut(get).expect("a slot");
        assert_eq!(unsafe { (mut_.as_fn())() }, 12);
        let once = Trampoline::<Get>::once(get).expect("a slot");
        assert_eq!(unsafe { once() }, 12);
        let lent = Trampoline::<Get>::scoped_any_once(get, |get| unsafe { get() });
        assert_eq!(lent.expect("a slot"), 12);
    });
}

#[test]
fn an_exclusive_closure_keeps_its_state() {
    direct_and_mapped(|| {
        let mut sum = 0;
        let add = Trampoline::<Add>::new_mut(move |a, b| {
            sum += a + b;
            sum
        })
        .expect("a slot");
        let totals: Vec<_> = (0..4).map(|n| unsafe { (add.as_fn())(n, 1) }).collect();
        assert_eq!(totals, [1, 3, 6, 10]);
    });
}

#[test]
fn a_once_closure_frees_itself() {
    direct_and_mapped(|| {
        let (witness, drops) = Witness::new();
        let notify = Trampoline::<Notify>::once(move || drop(witness)).expect("a slot");
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        unsafe { notify() };
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        // The slot serves again, and again, however many once closures there were.
        for _ in 0..10_000 {
            unsafe { Trampoline::<Notify>::once(|| ()).expect("a slot")() };
        }
    });
}

#[test]
fn a_once_closure_may_create_trampolines_while_it_runs() {
    direct_and_mapped(|| {
        let outer = Trampoline::<Add>::local_once(move |a, b| {
            let inner = Trampoline::<Add>::new(move |c, d| a + b + c + d).expect("a slot");
            unsafe { (inner.as_fn())(10, 20) }
        });
        assert_eq!(unsafe { outer.expect("a slot")(1, 2) }, 33);
    });
}

#[test]
fn a_scope_lends_and_takes_back() {
    direct_and_mapped(|| {
        let (witness, drops) = Witness::new();
        let mut calls = Vec::new();
        let result = Trampoline::<Add>::scoped_mut(
            |a, b| {
                let _ = &witness;
                calls.push((a, b));
                a * b
            },
            |multiply| unsafe { multiply(2, 3) + multiply(4, 5) },
        );
        assert_eq!(result.expect("a slot"), 26);
        assert_eq!(calls, [(2, 3), (4, 5)]);
        drop(witness);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_scoped_once_closure_is_dropped_whether_it_was_called_or_not() {
    direct_and_mapped(|| {
        for call in [true, false] {
            let (witness, drops) = Witness::new();
            let (padding, mut seen) = ([1_u64; 4], 0);
            Trampoline::<Notify>::scoped_once(
                || {
                    seen = padding.iter().sum();
                    drop(witness);
                },
                |notify| {
                    if call {
                        unsafe { notify() };
                    }
                    assert_eq!(drops.load(Ordering::Relaxed), usize::from(call));
                },
            )
            .expect("a slot");
            assert_eq!(drops.load(Ordering::Relaxed), 1);
            assert_eq!(seen, if call { 4 } else { 0 });
        }
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
fn a_scope_ends_by_unwinding_too() {
    direct_and_mapped(|| {
        let (witness, drops) = Witness::new();
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _ = Trampoline::<Notify>::scoped(
                move || {
                    let _ = &witness;
                },
                |_| panic!("in the scope"),
            );
        }));
        assert!(unwound.is_err());
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn scopes_nest_and_share_state() {
    let log = RefCell::new(Vec::new());
    Trampoline::<Notify>::scoped(
        || log.borrow_mut().push("outer"),
        |outer| {
            Trampoline::<Notify>::scoped(
                || {
                    log.borrow_mut().push("inner");
                    unsafe { outer() };
                },
                |inner| unsafe { inner() },
            )
            .expect("a slot");
        },
    )
    .expect("a slot");
    assert_eq!(log.into_inner(), ["inner", "outer"]);
}

#[test]
fn a_shared_closure_may_call_itself() {
    type Recurse = unsafe extern "C" fn(u32) -> u32;
    thread_local!(static SELF: Cell<Option<Recurse>> = const { Cell::new(None) });
    direct_and_mapped(|| {
        let factorial = Trampoline::<Recurse>::new(|n| match (n, SELF.get()) {
            (0, _) | (_, None) => 1,
            (n, Some(recurse)) => n * unsafe { recurse(n - 1) },
        })
        .expect("a slot");
        SELF.set(Some(factorial.as_fn()));
        assert_eq!(unsafe { (factorial.as_fn())(6) }, 720);
    });
}

#[test]
fn a_leaked_trampoline_stays() {
    let (witness, drops) = Witness::new();
    let add = Trampoline::<extern "C" fn(c_int) -> c_int>::new(move |n| {
        let _ = &witness;
        n + 1
    })
    .expect("a slot")
    .leak();
    assert_eq!(add(1), 2);
    assert_eq!(drops.load(Ordering::Relaxed), 0);
}

#[test]
fn an_owner_is_one_word() {
    assert_eq!(size_of::<Option<Trampoline<Add>>>(), size_of::<usize>());
}

#[test]
#[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
fn trampolines_of_one_type_do_not_mix_up_their_closures() {
    let mut live = Vec::new();
    for round in 0..20 {
        live.extend(
            (0..1_000).map(|n| (n * round, Trampoline::<Add>::new(move |a, b| a * b + n * round).expect("a slot"))),
        );
        // Every other one goes, so that the next round's are mixed of new slots and used ones.
        let mut keep = false;
        live.retain(|_| {
            keep = !keep;
            keep
        });
        for (n, add) in &live {
            assert_eq!(unsafe { (add.as_fn())(3, 4) }, 12 + n);
        }
    }
}

#[test]
#[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
fn equal_closures_of_different_types_are_different() {
    // The linker or LLVM may fold the code of these. What runs must still be what was bound.
    let one: Vec<_> = (0..6).map(|n| Trampoline::<Add>::new(move |a, b| a + b + n).expect("a slot")).collect();
    let two: Vec<_> = (0..6).map(|n| Trampoline::<Add>::new(move |a, b| a + b + n).expect("a slot")).collect();
    for (n, (one, two)) in (0..).zip(one.iter().zip(&two)) {
        assert_eq!(unsafe { ((one.as_fn())(1, 1), (two.as_fn())(1, 1)) }, (2 + n, 2 + n));
    }
}
