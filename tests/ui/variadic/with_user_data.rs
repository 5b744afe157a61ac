use std::ffi::{c_char, c_int};
use tramp_rt::{UserData, VaArgs, trampoline};

#[trampoline]
type Message = unsafe extern "C" fn(data: UserData, format: *const c_char, ...) -> c_int;

#[trampoline]
unsafe extern "C" {
    fn set(message: impl FnMut(UserData, *const c_char, VaArgs<'_>), data: UserData);
}

fn main() {}
