use tramp_rt::trampoline;

fn report(_: &str) {}

#[trampoline]
#[on_panic(return = -1, hook = report)]
type Visit = extern "C" fn(i32) -> i32;

fn main() {}
