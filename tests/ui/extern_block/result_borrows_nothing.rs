use std::ffi::{CStr, c_int};

use tramp_rt::trampoline;

#[trampoline]
type Name = unsafe extern "C" fn() -> &CStr;

#[trampoline]
unsafe extern "C" {
    fn set_namer(name: impl Fn(c_int) -> Option<&CStr>);
}

#[trampoline]
extern "C" fn name(state: String) -> &CStr {
    drop(state);
    c""
}

#[trampoline]
type Values = unsafe extern "C" fn() -> std::slice::Iter<'_, i32>;

fn main() {}
