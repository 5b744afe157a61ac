use tramp_rt::trampoline;

#[trampoline]
type Callback = fn(&i32);

fn main() {}
