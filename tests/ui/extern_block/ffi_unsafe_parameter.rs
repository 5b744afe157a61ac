#![deny(improper_ctypes)]

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn show(text: &str, done: impl Fn());
}

fn main() {}
