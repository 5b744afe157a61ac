//! Closures for C, more than there are direct slots for.

use std::ffi::c_long;

use tramp_rt::Trampoline;

/// Calls closures through direct and mapped trampolines, and says what comes out.
#[unsafe(no_mangle)]
pub extern "C" fn beside(n: c_long) -> c_long {
    let live = (0..50).map(|add| Trampoline::<unsafe extern "C" fn(c_long) -> c_long>::new(move |n| n + add));
    let live: Vec<_> = live.map(|trampoline| trampoline.expect("a slot")).collect();
    // SAFETY: the trampolines are alive.
    live.iter().map(|trampoline| unsafe { trampoline.as_fn()(n) }).sum()
}
