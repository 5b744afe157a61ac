use std::ffi::c_char;
use tramp_rt::Trampoline;

fn main() {
    let _ = Trampoline::<unsafe extern "C" fn(*const c_char, ...)>::new(|_| ());
}
