use tramp_rt::trampoline;

#[trampoline]
type Callback = unsafe extern "C" fn(*const i8, ...) -> i32;

fn main() {}
