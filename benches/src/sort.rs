//! `qsort` of a million numbers with a comparison that counts.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tramp_rt::Trampoline;

use crate::direct_slots::occupy;
use crate::owners::unwrap;
use crate::race::{Alternative, name, race, rounds, time};
use crate::report::{Bars, Table, number};

const NUMBERS: usize = 1_000_000;

type Pointer = *const c_void;
type Compare = unsafe extern "C" fn(Pointer, Pointer) -> c_int;
type CompareWithData = unsafe extern "C" fn(Pointer, Pointer, *mut c_void) -> c_int;

unsafe extern "C" {
    fn qsort(base: *mut c_void, count: usize, size: usize, compare: Compare);
    fn qsort_r(base: *mut c_void, count: usize, size: usize, compare: CompareWithData, data: *mut c_void);
}

#[inline(always)] // the same code in every comparison
fn compare(a: Pointer, b: Pointer) -> c_int {
    // SAFETY: only a sort of `u32`s calls it, and passes pointers to two of them.
    let (a, b) = unsafe { (*a.cast::<u32>(), *b.cast::<u32>()) };
    a.cmp(&b) as c_int
}

extern "C" fn plain(a: Pointer, b: Pointer) -> c_int {
    compare(a, b)
}

static COUNT: AtomicU64 = AtomicU64::new(0);
extern "C" fn counting_in_a_static(a: Pointer, b: Pointer) -> c_int {
    COUNT.store(COUNT.load(Relaxed) + 1, Relaxed);
    compare(a, b)
}

unsafe extern "C" fn counting_in_data(a: Pointer, b: Pointer, data: *mut c_void) -> c_int {
    // SAFETY: `qsort_r` passes on what it got, which is an exclusive pointer to the count.
    unsafe { *data.cast::<u64>() += 1 }
    compare(a, b)
}

/// The same numbers in the same order for each sort.
fn numbers() -> Vec<u32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64; // xorshift64 (G. Marsaglia, 2003)
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    };
    (0..NUMBERS).map(|_| next()).collect()
}

/// Sorts the numbers at `base`.
fn by(base: *mut c_void, compare: Compare) {
    // SAFETY: `base` comes from `time_of`, so there are that many numbers of 4 bytes. Every comparison is a total
    // order.
    unsafe { qsort(base, NUMBERS, 4, black_box(compare)) }
}

fn with_user_data(base: *mut c_void) {
    let mut count = 0_u64;
    // SAFETY: `base` comes from `time_of`, and the comparison expects a pointer to the count.
    unsafe { qsort_r(base, NUMBERS, 4, black_box(counting_in_data), (&raw mut count).cast()) }
    black_box(count);
}

fn with_trampoline(base: *mut c_void) {
    let mut count = 0_u64;
    let counting = |a, b| {
        count += 1;
        compare(a, b)
    };
    Trampoline::<Compare>::scoped_mut(counting, |compare| by(base, compare)).expect("a trampoline");
    black_box(count);
}

fn with_trampoline_of_fn(base: *mut c_void) {
    let count = Cell::new(0_u64);
    let counting = |a, b| {
        count.set(count.get() + 1);
        compare(a, b)
    };
    Trampoline::<Compare>::scoped(counting, |compare| by(base, compare)).expect("a trampoline");
    black_box(count);
}

fn with_libffi(base: *mut c_void) {
    let mut count = 0_u64;
    let mut counting = |a: Pointer, b: Pointer| {
        count += 1;
        compare(a, b)
    };
    let ffi = libffi::high::ClosureMut2::new(&mut counting);
    // SAFETY: the closure has the signature of the pointer that libffi wraps.
    by(base, unsafe { unwrap(ffi.code_ptr()) });
    drop(ffi);
    black_box(count);
}

fn with_closure_ffi(base: *mut c_void) {
    let mut count = 0_u64;
    let counting = |a: Pointer, b: Pointer| {
        count += 1;
        compare(a, b)
    };
    let bare = closure_ffi::BareFnMut::<Compare>::new(counting);
    by(base, bare.bare());
    drop(bare);
    black_box(count);
}

/// A way to sort, and whether it needs all direct slots to be taken.
type Sort = (&'static str, bool, fn(*mut c_void));

const SORTS: [Sort; 9] = [
    ("plain fn, no counting", false, |base| by(base, plain)),
    ("plain fn, counting in a static", false, |base| by(base, counting_in_a_static)),
    (name::USER_DATA, false, with_user_data),
    (name::DIRECT, false, with_trampoline),
    ("tramp, direct, `Fn` with a `Cell`", false, with_trampoline_of_fn),
    (name::MAPPED, true, with_trampoline),
    ("tramp, mapped, `Fn` with a `Cell`", true, with_trampoline_of_fn),
    (name::LIBFFI, false, with_libffi),
    (name::CLOSURE_FFI, false, with_closure_ffi),
];

fn time_of(sort: fn(*mut c_void), mut numbers: Vec<u32>) -> Duration {
    let time = time(|| sort(numbers.as_mut_ptr().cast()));
    assert!(numbers.is_sorted());
    time
}

pub fn run(bars: &mut Bars) {
    let unsorted = numbers();
    let alternatives = SORTS.map(|(name, mapped, sort)| {
        let unsorted = &unsorted;
        Alternative::new(name, move || {
            let _occupied = mapped.then(occupy);
            time_of(sort, unsorted.clone())
        })
    });
    let times = race(rounds::TENTHS_OF_SECONDS, 1, alternatives.into());

    let mut table = Table::new(&["comparison", "ms", "× user data"]);
    for (name, ..) in SORTS {
        table.row(name, [number(times[name] / 1e6), number(times[name] / times[name::USER_DATA])]);
    }
    println!(
        "## `qsort` of 1,000,000 `u32`\n\nThe comparison counts its calls. User data is that of `qsort_r`. Closures are \
         `FnMut` unless the table says otherwise.\n\n{table}"
    );

    bars.at_most("`qsort`, direct", 1.05, "× user data", times[name::DIRECT] / times[name::USER_DATA]);
    bars.at_most("`qsort`, mapped", 1.15, "× user data", times[name::MAPPED] / times[name::USER_DATA]);
}
