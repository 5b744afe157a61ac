use tramp_rt::trampoline;

#[trampoline]
type Callback = Option<unsafe extern "C" fn(i32)>;

#[trampoline]
type Renamed = Callback;

fn main() {}
