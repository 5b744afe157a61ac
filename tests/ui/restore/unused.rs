#![deny(warnings)]

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[restore]
    fn set_handler(#[scope(owned)] handler: impl Fn(i32) + 'static) -> Option<unsafe extern "C" fn(i32)>;
}

fn main() {
    unsafe { set_handler(|_| ()) };
}
