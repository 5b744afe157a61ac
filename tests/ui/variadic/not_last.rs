use std::ffi::c_int;
use tramp_rt::{VaArgs, trampoline};

#[trampoline]
unsafe extern "C" {
    fn set(first: impl Fn(VaArgs<'_>, c_int), second: impl Fn(c_int, VaArgs<'_>, VaArgs<'_>));
}

fn main() {}
