//! Distinguishes direct trampolines from mapped ones, and makes the one or the other.

use tramp_rt::__private::DIRECT_MAX;
use tramp_rt::{Signature, Threads, Trampoline};

/// A signature with a direct thunk for every slot.
struct Everywhere;

// SAFETY: the pointer types are those of the signature, and `unsafe` to call.
const PROMISE: tramp_rt::__private::Promise =
    unsafe { tramp_rt::__private::Promise::new(tramp_rt::__private::VERSION) };

tramp_rt::__private::signature! {
    promise: PROMISE;
    generics: [] [];
    type: Everywhere;
    pointer: unsafe extern "C" fn();
    declared: unsafe extern "C" fn();
    direct: DIRECT_MAX;
    fn: for<> extern "C" fn() -> ();
}

/// Trampolines that hold all direct slots. While they live, every other trampoline is mapped.
pub struct Occupied {
    _held: [Trampoline<Everywhere>; DIRECT_MAX],
}

pub fn occupy() -> Occupied {
    let held = [(); DIRECT_MAX].map(|()| Trampoline::<Everywhere>::new(|| ()).expect("a trampoline"));
    for trampoline in &held {
        expect_direct(trampoline, true);
    }
    Occupied { _held: held }
}

/// A mapped trampoline. It is made while no other one lives.
pub fn mapped<S: Signature, T: Threads>(create: impl FnOnce() -> Trampoline<S, T>) -> Trampoline<S, T> {
    let _occupied = occupy();
    let mapped = create();
    expect_direct(&mapped, false);
    mapped
}

/// Stops the benchmark if it would measure the wrong thing.
pub fn expect_direct<S: Signature, T: Threads>(trampoline: &Trampoline<S, T>, expected: bool) {
    let direct = trampoline.is_direct();
    assert_eq!(direct, expected, "direct: {direct}, to be measured as direct: {expected}");
}
