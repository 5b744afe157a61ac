//! A closure type of this crate's own, with the same code as the other crate's.

use shared::Add;
use tramp_rt::Trampoline;

pub fn own(n: i32) -> Trampoline<Add> {
    Trampoline::new(move |m| m + n).expect("a slot")
}

pub fn common(n: i32) -> Trampoline<Add> {
    shared::adder(n)
}

pub fn call(callee: &Trampoline<Add>, m: i32) -> i32 {
    // SAFETY: the trampoline is alive.
    unsafe { (callee.as_fn())(m) }
}
