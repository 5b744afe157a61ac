#![deny(dead_code)]

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32));
    fn add_listener(#[scope(owned)] listener: impl Fn(i32) + 'static);
    #[allow(dead_code)]
    fn allowed(visit: impl FnMut(i32));
}

fn main() {}
