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
    const extern "C" fn open(&self, _: i32) -> i32 {
        0
    }
    async extern "C" fn close(&self) {}
    #[unsafe(no_mangle)]
    extern "C" fn read<T>(&'static self, other: &Self, size: impl Into<usize>) -> &u8 {
        panic!()
    }
    extern "C" fn write(&self, #[cfg(unix)] size: usize) {}
    extern "Rust" fn flush(&self) {}
    #[on_panic(abort)]
    fn helper(&self) {}
}

fn main() {}
