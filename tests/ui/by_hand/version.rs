//! An attribute of one version of the crate, and a runtime of another.

use tramp_rt::__private::Promise;

#[derive(Debug)]
struct Call;

tramp_rt::__private::signature! {
    promise: unsafe { Promise::new("0.0.1") };
    generics: [] [];
    type: Call;
    pointer: unsafe extern "C" fn();
    declared: unsafe extern "C" fn();
    direct: tramp_rt::__private::DIRECT_DEFAULT;
    fn: for<> extern "C" fn() -> ();
}

fn main() {}
