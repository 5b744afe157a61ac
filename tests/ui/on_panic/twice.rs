use tramp_rt::trampoline;

#[trampoline]
#[on_panic(abort)]
#[on_panic(return = 1)]
type Visit = extern "C" fn(i32) -> i32;

fn main() {}
