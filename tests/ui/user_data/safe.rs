use std::ffi::c_int;
use tramp_rt::{UserData, trampoline};

#[trampoline]
type Visit = extern "C" fn(data: UserData, n: c_int) -> c_int;

fn main() {}
