use std::ffi::c_int;
use tramp_rt::{Trampoline, VaArgs, trampoline};

#[repr(C)]
struct Point {
    x: i32,
    y: i32,
}

#[trampoline]
type Named = unsafe extern "C" fn(Point, c_int, ...);

#[trampoline]
type Returned = unsafe extern "C" fn(c_int, ...) -> Point;

#[trampoline]
unsafe extern "C" {
    fn set(draw: impl Fn(Point, VaArgs<'_>));
}

fn main() {
    let _ = Trampoline::<unsafe extern "C" fn(Point, ...)>::new(|_, _| ());
}
