use tramp_rt::trampoline;

#[trampoline]
static CALLBACK: Option<extern "C" fn()> = None;

fn main() {}
