use std::ffi::{c_int, c_void};
use tramp_rt::trampoline;

#[trampoline]
extern "C" {
    safe fn qsort(
        base: *mut c_void,
        count: usize,
        size: usize,
        compare: impl FnMut(*const c_void, *const c_void) -> c_int,
    );
}

fn main() {}
