use std::ffi::c_int;
use tramp_rt::{VaArgs, trampoline};

#[trampoline]
unsafe extern "system" {
    fn set(callback: impl Fn(c_int, VaArgs<'_>));
}

fn main() {}
