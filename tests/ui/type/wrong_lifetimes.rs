use tramp_rt::{Trampoline, trampoline};

#[trampoline]
type Find = unsafe extern "C" fn(&i32) -> Option<&i32>;

fn main() {
    let _ = Trampoline::<Find>::new(Some);
}
