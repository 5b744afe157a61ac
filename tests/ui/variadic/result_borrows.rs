use std::ffi::c_int;
use tramp_rt::trampoline;

#[trampoline]
type Pick = unsafe extern "C" fn(&c_int, ...) -> &c_int;

fn main() {}
