use std::ffi::c_int;
use tramp_rt::trampoline;

#[trampoline]
type Callback = unsafe extern "C" fn(..., c_int);

fn main() {}
