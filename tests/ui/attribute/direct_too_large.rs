use tramp_rt::trampoline;

#[trampoline(direct = 9)]
type Callback = unsafe extern "C" fn();

fn main() {}
