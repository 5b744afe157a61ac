use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32, *mut std::ffi::c_void), data: UserData);
}

fn main() {}
