use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_exit() {}

fn main() {}
