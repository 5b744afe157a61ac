#![deny(warnings)]

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[fallible]
    fn each(run: impl FnMut(i32));
}

fn main() {
    unsafe { each(|_| ()) };
}
