use tramp_rt::trampoline;

#[trampoline(threads = 2)]
type Callback = unsafe extern "C" fn();

fn main() {}
