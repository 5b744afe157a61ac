#![deny(warnings)]

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn add_listener(#[scope(owned)] listener: impl Fn(i32) + Send + Sync + 'static) -> i32;
}

fn main() {
    unsafe { add_listener(|_| ()) };
}
