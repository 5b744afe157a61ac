use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32, UserData), data: *mut std::ffi::c_void);
    fn both(first: impl Fn(UserData), second: impl Fn(UserData), data: UserData);
}

fn main() {}
