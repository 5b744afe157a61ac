use std::cell::Cell;
use std::rc::Rc;
use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    version: i32,
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
    close: Option<extern "C" fn()>,
}

struct Disk(Rc<i32>);

#[trampoline(ops = file_operations)]
impl Disk {
    extern "C" fn open(&mut self, _: i32) -> i32 {
        *self.0
    }
}

struct Tape(Cell<i32>);

#[trampoline(ops = file_operations)]
impl Tape {
    extern "C" fn open(&self, _: i32) -> i32 {
        self.0.get()
    }
}

fn main() {
    let ops = || file_operations { version: 1, open: None, close: None };
    let _ = Disk(Rc::new(1)).bind(ops());
    let _ = Tape(Cell::new(1)).bind(ops());
}
