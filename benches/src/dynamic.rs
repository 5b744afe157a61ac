//! What a call costs if its types are known only at run time. The callback returns the sum of its arguments and of a captured
//! word.

use std::ffi::c_void;
use std::hint::black_box;
use std::mem::transmute;

use libffi::low;
use libffi::middle;
use tramp_rt::Trampoline;
use tramp_rt::dynamic::{Arguments, Dynamic, Prototype, Type};

use crate::callers;
use crate::direct_slots::mapped;
use crate::owners::unwrap;
use crate::race::{Alternative, Medians, name, race, rounds, time};
use crate::report::{Bars, Table, number};

const CALLS: u64 = 250_000;

/// Named for the macro.
type Address = *const c_void;

const KNOWN: &str = "tramp, mapped, known types";
const DYNAMIC: &str = "tramp, dynamic";
const COLUMNS: [&str; 3] = [KNOWN, DYNAMIC, name::LIBFFI];

/// An argument in each way: its type, and how it is added to a sum of type `$sum`.
macro_rules! race_calls {
    ($call:ident: $callback:ident, ($($argument:ident $index:literal: $type:ident),*) -> $sum:ident) => {{
        use callers::{$call, $callback};

        unsafe extern "C" fn by_libffi(
            _: &low::ffi_cif,
            result: &mut $sum,
            arguments: *const *const c_void,
            word: &u64,
        ) {
            // SAFETY: libffi passes as many arguments as the description has, by address.
            *result = unsafe { *word as $sum $(+ race_calls!(@add (*(*arguments.add($index)).cast::<$type>()), $type, $sum))* };
        }

        let word = black_box(7_u64);
        let known = mapped(|| {
            let closure = move |$($argument: $type),*| word as $sum $(+ race_calls!(@add $argument, $type, $sum))*;
            Trampoline::<$callback>::new(closure).expect("a trampoline")
        });

        let prototype = Prototype::new(&[$(Type::of::<$type>()),*], Type::of::<$sum>()).expect("scalars");
        let closure = prototype.closure(move |args: Arguments<'_>| {
            word as $sum $(+ race_calls!(@add (args.get::<$type>($index)), $type, $sum))*
        });
        let dynamic = Trampoline::<Dynamic>::new(closure).expect("a trampoline");
        // SAFETY: the types of the prototype.
        let dynamic = (unsafe { transmute::<unsafe extern "C" fn(), $callback>(dynamic.as_fn()) }, dynamic);

        let cif = middle::Cif::new([$(race_calls!(@libffi $type)),*], race_calls!(@libffi $sum));
        let libffi = middle::Closure::new(cif, by_libffi, &word);

        let call = |way: usize, callback: $callback| {
            // SAFETY: C calls it with the arguments of its type, while what it belongs to is alive.
            time(|| unsafe { $call[way](black_box(callback), CALLS) })
        };
        // SAFETY: the description has the types of the callback.
        let by_libffi = unsafe { unwrap::<_, $callback>(libffi.code_ptr()) };
        let sums = [known.as_fn(), dynamic.0, by_libffi].map(|callback| {
            // SAFETY: C calls it with the arguments of its type, while what it belongs to is alive.
            unsafe { $call[0](callback, 1_000) }
        });
        #[allow(clippy::float_cmp, reason = "the sums are of small integers, and exact")]
        let are_equal = sums.iter().all(|sum| *sum == sums[0]);
        assert!(are_equal, "{sums:?}");
        race(
            rounds::MILLISECONDS,
            CALLS,
            vec![
                Alternative::new(KNOWN, || call(1, known.as_fn())),
                Alternative::new(DYNAMIC, || call(2, dynamic.0)),
                Alternative::new(name::LIBFFI, || call(3, by_libffi)),
            ],
        )
    }};
    (@add $value:tt, Address, $sum:ident) => { ($value.addr() as $sum) };
    (@add $value:tt, $type:ident, $sum:ident) => {{
        #[allow(clippy::cast_lossless, reason = "not every pair of types has such a `From`")]
        let value = $value as $sum;
        value
    }};
    (@libffi i32) => { middle::Type::i32() };
    (@libffi u64) => { middle::Type::u64() };
    (@libffi f64) => { middle::Type::f64() };
    (@libffi Address) => { middle::Type::pointer() };
}

pub fn run(bars: &mut Bars) {
    let mut table = Table::new(&["ns a call", COLUMNS[0], COLUMNS[1], COLUMNS[2]]);
    let mut row = |words, times: &Medians| {
        table.row(words, COLUMNS.map(|column| number(times.get(column))));
        bars.at_most(&format!("dynamic call, {words}"), 0.3, "× libffi", times[DYNAMIC] / times[name::LIBFFI]);
    };
    row("3 integers", &race_calls!(call_3: Callback3, (a 0: u64, b 1: u64, c 2: u64) -> u64));
    row("2 integers and a `double`", &race_calls!(call_mixed_3: CallbackMixed3, (a 0: u64, b 1: f64, c 2: u64) -> f64));
    row(
        "10 of both kinds",
        &race_calls!(call_mixed_10: CallbackMixed10, (
            a 0: i32, b 1: f64, c 2: u64, d 3: f64, e 4: Address, f 5: i32, g 6: i32, h 7: i32, i 8: u64, j 9: f64
        ) -> f64),
    );
    println!("## Calls whose types are known only at run time\n\n{table}");
}
