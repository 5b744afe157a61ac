use tramp_rt::trampoline;

#[trampoline]
type Callback<'a> = unsafe extern "C" fn(&'a i32);

fn main() {}
