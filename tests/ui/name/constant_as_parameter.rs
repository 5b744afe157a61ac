use std::ffi::c_int;
use tramp_rt::trampoline;

const count: c_int = 1;

#[trampoline]
unsafe extern "C" {
    fn each(count: c_int, run: impl Fn(c_int) -> c_int) -> c_int;
}

#[trampoline]
extern "C" fn on_event(count: &c_int, code: c_int) -> c_int {
    code
}

fn main() {}
