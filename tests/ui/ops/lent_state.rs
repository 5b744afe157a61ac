use std::cell::Cell;
use tramp_rt::{Ops, trampoline};

#[repr(C)]
struct file_operations {
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
}

struct Disk<'a>(&'a Cell<i32>);

#[trampoline(ops = file_operations)]
impl Disk<'_> {
    extern "C" fn open(&mut self, _: i32) -> i32 {
        self.0.get()
    }
}

const EMPTY: file_operations = file_operations { open: None };

fn main() {
    let size = Cell::new(1);
    let mut disk = Disk(&size);
    // A cell that other threads would share.
    let _ = disk.scoped_any(EMPTY, |_| ());
    // The state is lent already.
    let _ = disk.scoped(EMPTY, |_| disk.0.get());
    let _ = disk.scoped(EMPTY, |_| disk.scoped(EMPTY, |_| ()).is_ok());
}

fn back<'a>(ops: Ops<file_operations>, _: &'a i32) -> Option<Disk<'a>> {
    ops.into_state().ok()
}
