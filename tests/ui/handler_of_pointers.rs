use tramp_rt::trampoline;

#[trampoline]
extern "C" fn compare(a: *const u8, b: *const u8) -> i32 {
    unsafe { i32::from(*a) - i32::from(*b) }
}

fn main() {}
