use std::any::Any;
use tramp_rt::trampoline;

fn report(_: Box<dyn Any + Send>) {}

#[trampoline]
#[on_panic(hook = report)]
type Visit = extern "C" fn(i32) -> i32;

fn main() {}
