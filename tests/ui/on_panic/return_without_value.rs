use tramp_rt::trampoline;

#[trampoline]
#[on_panic(return)]
type Visit = extern "C" fn(i32) -> i32;

fn main() {}
