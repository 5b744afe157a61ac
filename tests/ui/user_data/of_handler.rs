use tramp_rt::{UserData, trampoline};

#[trampoline]
extern "C" fn on_event(count: &mut u32, by: u32, data: UserData) {
    *count += by;
}

fn main() {}
