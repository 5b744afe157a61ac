//! The cost of one call. The callback returns the sum of its arguments and of one captured word.

use std::ffi::c_void;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tramp_rt::Trampoline;

use crate::callers;
use crate::direct_slots::{expect_direct, mapped};
use crate::owners::unwrap;
use crate::race::{Alternative, Medians, name, race, rounds, time};
use crate::report::{Bars, Table, number};

const CALLS: u64 = 250_000;

const COLUMNS: [&str; 6] = [name::PLAIN, name::USER_DATA, name::DIRECT, name::MAPPED, name::LIBFFI, name::CLOSURE_FFI];

/// Makes the same call in every way. `$call` and `$call_with_data` are the C loops, and `$libffi` is libffi's type for
/// this number of arguments.
macro_rules! race_calls {
    ($callback:ident, $call:ident, $call_with_data:ident, $libffi:ident, ($($argument:ident),*)) => {{
        use callers::{$call, $call_with_data, $callback};

        static WORDS: [AtomicU64; 2] = [AtomicU64::new(1), AtomicU64::new(2)]; // not constant
        extern "C" fn plain($($argument: u64),*) -> u64 {
            WORDS[0].load(Relaxed) $(+ $argument)*
        }
        unsafe extern "C" fn with_data($($argument: u64,)* data: *mut c_void) -> u64 {
            // SAFETY: the caller below passes `WORDS`.
            let words = unsafe { &*data.cast::<[AtomicU64; 2]>() };
            words[0].load(Relaxed) $(+ $argument)*
        }
        fn closure() -> impl Fn($(race_calls!(@u64 $argument)),*) -> u64 + Send + Sync + 'static {
            let words = black_box([1_u64, 2]);
            move |$($argument),*| words[0] $(+ $argument)*
        }
        // Made once, because processors predict best a function that is always at the same address.
        let create = || Trampoline::<$callback>::new(closure()).expect("a trampoline");
        let mapped = mapped(create);
        let direct = create();
        expect_direct(&direct, true);
        let borrowed = closure();
        let libffi = libffi::high::$libffi::new(&borrowed);
        let bare = closure_ffi::BareFn::<$callback>::new(closure());

        let call = |way: usize, callback: $callback| {
            // SAFETY: C calls it with the arguments of its type, while its owner is alive.
            time(|| unsafe { $call[way](black_box(callback), CALLS) })
        };
        race(
            rounds::MILLISECONDS,
            CALLS,
            vec![
                Alternative::new(name::PLAIN, || call(0, plain)),
                Alternative::new(name::USER_DATA, || {
                    let data = (&raw const WORDS).cast_mut().cast();
                    // SAFETY: C calls a function of its signature, with the data that it expects. The function is never
                    // unmapped.
                    time(|| unsafe { $call_with_data(black_box(with_data), black_box(data), CALLS) })
                }),
                Alternative::new(name::DIRECT, || call(1, direct.as_fn())),
                Alternative::new(name::MAPPED, || call(2, mapped.as_fn())),
                // SAFETY: the closure has the signature of the pointer that libffi wraps.
                Alternative::new(name::LIBFFI, || call(3, unsafe { unwrap(libffi.code_ptr()) })),
                Alternative::new(name::CLOSURE_FFI, || call(4, bare.bare())),
            ],
        )
    }};
    (@u64 $argument:ident) => { u64 };
}

pub fn run(bars: &mut Bars) {
    let mut table = Table::new(&["ns a call", COLUMNS[0], COLUMNS[1], COLUMNS[2], COLUMNS[3], COLUMNS[4], COLUMNS[5]]);
    let mut row = |words, times: &Medians| table.row(words, COLUMNS.map(|column| number(times.get(column))));

    let empty = race_calls!(Callback0, call_0, call_0_with_data, Closure0, ());
    row("no arguments (“empty”)", &empty);
    let three = race_calls!(Callback3, call_3, call_3_with_data, Closure3, (a, b, c));
    row("3 arguments", &three);
    let nine = race_calls!(Callback9, call_9, call_9_with_data, Closure9, (a, b, c, d, e, f, g, h, i));
    row("9 arguments, 3 on the stack", &nine);

    println!(
        "## Calls\n\nThe callback returns the sum of its arguments and of a captured word. C calls it in a loop.\n\n{table}"
    );

    bars.at_most("empty call, direct", 1.1, "× user data", empty[name::DIRECT] / empty[name::USER_DATA]);
    bars.at_most("empty call, mapped", 0.25, "× libffi", empty[name::MAPPED] / empty[name::LIBFFI]);
    bars.at_most("empty call, mapped", 1.1, "× closure-ffi", empty[name::MAPPED] / empty[name::CLOSURE_FFI]);
}
