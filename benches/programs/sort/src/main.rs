//! Waits for a line, sorts a few numbers with `qsort` and a comparison that counts, prints the count, and waits again.

use std::ffi::{c_int, c_void};
use std::io::Read;

type Pointer = *const c_void;
type Compare = unsafe extern "C" fn(Pointer, Pointer) -> c_int;

unsafe extern "C" {
    fn qsort(base: *mut c_void, count: usize, size: usize, compare: Compare);
}

fn compare(a: Pointer, b: Pointer) -> c_int {
    // SAFETY: called by a sort of `u32`s only, which passes pointers to two of them.
    let (a, b) = unsafe { (*a.cast::<u32>(), *b.cast::<u32>()) };
    a.cmp(&b) as c_int
}

fn sort(numbers: &mut [u32], compare: Compare) {
    // SAFETY: there are that many numbers of 4 bytes, and the comparison is a total order.
    unsafe { qsort(numbers.as_mut_ptr().cast(), numbers.len(), 4, compare) }
}

#[cfg(not(feature = "direct"))]
fn counting_sort(numbers: &mut [u32]) -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    extern "C" fn counting(a: Pointer, b: Pointer) -> c_int {
        COUNT.fetch_add(1, Relaxed);
        compare(a, b)
    }
    sort(numbers, counting);
    COUNT.load(Relaxed)
}

#[cfg(feature = "direct")]
fn counting_sort(numbers: &mut [u32]) -> u64 {
    let mut count = 0;
    let counting = |a, b| {
        count += 1;
        compare(a, b)
    };
    let sorted = tramp_rt::Trampoline::<Compare>::scoped_mut(counting, |compare| sort(numbers, compare));
    assert!(sorted.is_ok());
    count
}

/// Gives the observer time to look.
fn wait() {
    let _ = std::io::stdin().read(&mut [0]);
}

fn main() {
    println!("ready");
    wait();
    #[cfg(feature = "occupied")]
    for _ in 0..tramp_rt::__private::DIRECT_DEFAULT {
        let trampoline = tramp_rt::Trampoline::<unsafe extern "C" fn()>::new(|| ());
        std::mem::forget(trampoline);
    }
    let mut numbers: Vec<u32> = (0..64_u32).map(|number| number.wrapping_mul(0x9e37_79b9)).collect();
    let count = counting_sort(&mut numbers);
    println!("{count} comparisons, the least is {}", numbers[0]);
    wait();
}
