use tramp_rt::trampoline;

#[trampoline(direct = 1, direct = 2)]
type Callback = unsafe extern "C" fn();

fn main() {}
