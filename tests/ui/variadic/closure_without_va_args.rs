use std::ffi::c_int;
use tramp_rt::Trampoline;

fn main() {
    let _ = Trampoline::<unsafe extern "C" fn(c_int, ...)>::new(|_| ());
}
