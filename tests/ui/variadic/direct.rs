use std::ffi::c_int;
use tramp_rt::trampoline;

#[trampoline(direct = 8)]
type Callback = unsafe extern "C" fn(c_int, ...);

#[trampoline(direct = 4)]
unsafe extern "C" fn on_call(state: &mut i32, count: c_int, _: ...) {}

#[trampoline(direct = 0)]
type Mapped = unsafe extern "C" fn(c_int, ...);

fn main() {}
