use tramp_rt::trampoline;

#[trampoline]
#[on_panic(return = 0)]
type Exit = extern "C" fn(i32) -> !;

fn main() {}
