use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    version: i32,
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
    close: Option<extern "C" fn()>,
}

trait Files {
    fn open(&mut self, flags: i32) -> i32;
}
struct Disk;

#[trampoline(ops = file_operations)]
impl Files for Disk {
    extern "C" fn open(&mut self, _: i32) -> i32 {
        0
    }
}

fn main() {}
