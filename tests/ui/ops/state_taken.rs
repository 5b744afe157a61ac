use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    version: i32,
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
    close: Option<unsafe extern "C" fn()>,
}

struct Disk;

#[trampoline(ops = file_operations)]
impl Disk {
    extern "C" fn open(self: Box<Self>, _: i32) -> i32 {
        0
    }
    extern "C" fn close() {}
}

struct Tape;

#[trampoline(ops = file_operations)]
impl Tape {
    extern "C" fn close(self) {}
}

fn main() {
    // The last call could take nothing of it.
    let _ = Tape.scoped(file_operations { version: 1, open: None, close: None }, |_| ());
}
