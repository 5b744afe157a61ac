//! A macro that writes unsafe code gets the promise for it from the user, who has to write `unsafe` for that.

#![forbid(unsafe_code)]

use tramp_rt::__private::{Promise, signature};

struct WithoutUnsafe;
signature! {
    promise: Promise::new(tramp_rt::__private::VERSION);
    generics: [] [];
    type: WithoutUnsafe;
    pointer: unsafe extern "C" fn();
    declared: extern "C" fn(u64);
    direct: 0;
    fn: for<> extern "C" fn() -> ();
}

struct Forbidden;
signature! {
    promise: unsafe { Promise::new(tramp_rt::__private::VERSION) };
    generics: [] [];
    type: Forbidden;
    pointer: unsafe extern "C" fn();
    declared: extern "C" fn(u64);
    direct: 0;
    fn: for<> extern "C" fn() -> ();
}

struct NoPromise;
signature! {
    promise: ();
    generics: [] [];
    type: NoPromise;
    pointer: unsafe extern "C" fn();
    declared: extern "C" fn(u64);
    direct: 0;
    fn: for<> extern "C" fn() -> ();
}

fn main() {}
