use tramp_rt::trampoline;

#[trampoline]
type Callback = unsafe extern "Rust" fn(&i32);

fn main() {}
