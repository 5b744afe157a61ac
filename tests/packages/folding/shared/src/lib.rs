//! A closure type that every crate which calls this has an instance of.

use tramp_rt::Trampoline;

pub type Add = unsafe extern "C" fn(i32) -> i32;

pub fn adder<N: Copy + Into<i32> + Send + Sync + 'static>(n: N) -> Trampoline<Add> {
    Trampoline::new(move |m| m + n.into()).expect("a slot")
}
