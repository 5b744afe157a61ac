//! Panics in callbacks: they pass through C and the stack routine under `"C-unwind"`, and end the process under `"C"`.
//! Also backtraces from inside callbacks.
//!
//! The C side is `c/unwind.c`, compiled with `-fexceptions`. Its frames have a variable to clean up.

#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of c/unwind.c with the types it declares")]

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use tramp_rt::Trampoline;
use tramp_test_support::{Kind, alone, has_aborted, with_each_kind};

#[repr(C, align(64))]
struct Aligned([i64; 8]);

type Body = Box<dyn FnMut(i32) -> i32>;
/// Calls a C function, which calls a closure. Returns the closure's argument, and how often C has cleaned up.
type Call = Box<dyn Fn(i32, &mut i32) -> i32>;

/// A C function, and how to have it call a body.
struct Route {
    name: &'static str,
    to: fn(Body) -> Call,
}

macro_rules! routes {
    ($abi:literal) => {
        [
            // The context is in a register, on the stack, and on the stack behind an over-aligned argument.
            routes! { @one $abi unwind_few() },
            routes! { @one $abi unwind_many(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) },
            routes! { @one $abi unwind_aligned(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, Aligned) },
        ]
    };
    (@one $abi:literal $caller:ident($($type:ty),*)) => {
        Route {
            name: stringify!($caller),
            to: |mut body| {
                unsafe extern "C-unwind" {
                    fn $caller(callback: *const (), argument: i32, cleaned: &mut i32) -> i32;
                }
                let trampoline = Trampoline::<unsafe extern $abi fn($($type,)* i32) -> i32>::local_mut(
                    move |$(_: $type,)* argument| body(argument),
                )
                .expect("a slot");
                Box::new(move |argument, cleaned| unsafe { $caller(trampoline.as_fn() as _, argument, cleaned) })
            },
        }
    };
}

const UNWINDING: [Route; 3] = routes!("C-unwind");
const ABORTING: [Route; 3] = routes!("C");

/// Counts how often it is dropped.
struct Dropped(Rc<Cell<i32>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_panic_unwinds_through_c() {
    with_each_kind(&|_| {
        for Route { name, to } in &UNWINDING {
            let drops = Rc::new(Cell::new(0));
            let mut calls = 0;
            let counted = Rc::clone(&drops);
            let call = to(Box::new(move |argument| {
                let _local = Dropped(Rc::clone(&counted));
                calls += 1;
                assert!(argument > 0, "call {calls} got {argument}");
                calls * argument
            }));

            let mut cleaned = 0;
            let panic = catch_unwind(AssertUnwindSafe(|| call(-7, &mut cleaned))).expect_err("a panic");
            assert_eq!(panic.downcast_ref::<String>().expect("a message"), "call 1 got -7", "{name}");
            assert_eq!((drops.get(), cleaned), (1, 1), "locals dropped in Rust and in C, {name}");

            assert_eq!(call(10, &mut cleaned), 2 * 10 + 1, "{name}");
            assert_eq!((drops.get(), cleaned), (2, 2), "{name}");
        }
    });
}

#[test]
fn a_panic_ends_a_scope_and_frees_its_slot() {
    with_each_kind(&|_| {
        for _ in 0..3 * tramp_rt::__private::DIRECT_MAX {
            let mut calls = 0;
            let scoped = || {
                Trampoline::<unsafe extern "C-unwind" fn()>::scoped_mut(
                    || {
                        calls += 1;
                        std::panic::resume_unwind(Box::new("out of the scope"));
                    },
                    |callback| unsafe { callback() },
                )
                .is_ok()
            };
            assert!(catch_unwind(AssertUnwindSafe(scoped)).is_err());
            assert_eq!(calls, 1);
        }
    });
}

#[test]
fn a_panic_in_a_once_closure_drops_it() {
    with_each_kind(&|_| {
        let drops = Rc::new(Cell::new(0));
        let captured = Dropped(Rc::clone(&drops));
        let callback = Trampoline::<unsafe extern "C-unwind" fn()>::local_once(move || {
            let _captured = &captured;
            std::panic::resume_unwind(Box::new("once"));
        })
        .expect("a slot");
        assert!(catch_unwind(|| unsafe { callback() }).is_err());
        assert_eq!(drops.get(), 1);
    });
}

/// A frame that only a complete backtrace has.
#[inline(never)]
fn outermost_frame(call: &Call) {
    call(1, &mut 0);
    black_box(()); // so that the call is not the last thing done, which would need no frame
}

#[test]
fn a_backtrace_reaches_through_c_to_the_caller() {
    with_each_kind(&|_| {
        for Route { name, to } in &UNWINDING {
            let backtrace = Rc::new(Cell::new(String::new()));
            let taken = Rc::clone(&backtrace);
            let call = to(Box::new(move |_| {
                taken.set(Backtrace::force_capture().to_string());
                0
            }));
            outermost_frame(&call);

            let backtrace = backtrace.take();
            if cfg!(target_env = "msvc") && !backtrace.contains("tramp_rt::") {
                println!("a_backtrace_reaches_through_c_to_the_caller: skipped, there are no symbols");
                return;
            }
            let (_, beyond_c) = backtrace.split_once(name).unwrap_or_else(|| panic!("no {name} in {backtrace}"));
            assert!(beyond_c.contains("outermost_frame"), "{backtrace}");
        }
    });
}

/// Tells a process that it is to die.
const CHILD: &str = "TRAMP_TEST_CHILD";

/// Each way has a test of its own, because a process can die only once.
macro_rules! aborts {
    ($($test:ident: $kind:expr, $route:expr;)*) => { $(
        #[test]
        fn $test() {
            if std::env::var_os(CHILD).is_none() {
                let child = alone(stringify!($test)).env(CHILD, "1").output().expect("a child process");
                let said = String::from_utf8_lossy(&child.stderr);
                assert!(has_aborted(child.status), "{:?}: {said}", child.status);
                assert!(said.contains("the words of the panic"), "{said}");
                assert!(said.contains("panic in a function that cannot unwind"), "{said}");
                return;
            }
            with_each_kind(&|kind| {
                if kind == $kind {
                    let call = ($route.to)(Box::new(|_| panic!("the words of the panic")));
                    call(1, &mut 0);
                }
            });
        }
    )* };
}

aborts! {
    a_panic_under_c_aborts_in_a_direct_thunk: Kind::Direct, ABORTING[0];
    a_panic_under_c_aborts_in_a_mapped_thunk: Kind::Mapped, ABORTING[0];
    a_panic_under_c_aborts_behind_the_stack_routine: Kind::Mapped, ABORTING[2];
}
