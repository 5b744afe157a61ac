use tramp_rt::{UserData, trampoline};

#[trampoline]
extern "C" fn compare(a: *const u8, b: *const u8) -> i32 {
    unsafe { i32::from(*a) - i32::from(*b) }
}

#[trampoline]
extern "C" fn on_event(_data: UserData, code: i32) -> i32 {
    code
}

fn main() {}
