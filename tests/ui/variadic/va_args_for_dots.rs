use std::ffi::c_int;
use tramp_rt::{VaArgs, trampoline};

#[trampoline]
type Callback = unsafe extern "C" fn(c_int, VaArgs<'_>);

#[trampoline]
extern "C" fn on_call(state: &mut i32, count: c_int, args: VaArgs<'_>) {}

fn main() {}
