use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    version: i32,
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
    close: Option<extern "C" fn()>,
}

struct Disk;

#[trampoline(ops = file_operations)]
impl Disk {
    extern "C" fn open(&mut self, _: i64) -> i32 {
        0
    }
}

fn main() {}
