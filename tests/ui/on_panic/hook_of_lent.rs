use std::any::Any;
use tramp_rt::trampoline;

fn report(_: Box<dyn Any + Send>) {}

#[trampoline]
unsafe extern "C" {
    fn each(#[on_panic(return = -1, hook = report)] visit: impl FnMut(i32) -> i32);
}

fn main() {}
