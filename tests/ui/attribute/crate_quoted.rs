use tramp_rt::trampoline;

#[trampoline(crate = "tramp_rt")]
type Callback = unsafe extern "C" fn();

fn main() {}
