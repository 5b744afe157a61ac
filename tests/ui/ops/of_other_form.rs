use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    version: i32,
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
    close: Option<extern "C" fn()>,
}

#[trampoline(ops = file_operations)]
type Open = extern "C" fn(i32) -> i32;

fn main() {}
