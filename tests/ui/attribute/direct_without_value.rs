use tramp_rt::trampoline;

#[trampoline(direct)]
type Callback = unsafe extern "C" fn();

fn main() {}
