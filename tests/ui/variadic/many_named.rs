use std::ffi::c_int;
use tramp_rt::Trampoline;

type Nine =
    unsafe extern "C" fn(c_int, c_int, c_int, c_int, c_int, c_int, c_int, c_int, c_int, ...);

fn main() {
    let _ = Trampoline::<Nine>::new(|_, _, _, _, _, _, _, _, _, _| ());
}
