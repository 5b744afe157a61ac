//! Nothing detects a call of the pointer from another thread, so a call is `unsafe`.

use std::cell::Cell;
use std::rc::Rc;

use tramp_rt::Trampoline;

fn main() {
    let count = Rc::new(Cell::new(0));
    let count = Trampoline::<extern "C" fn()>::local(move || count.set(count.get() + 1)).unwrap();
    let count: extern "C" fn() = count.leak();
    for _ in 0..4 {
        std::thread::spawn(move || count());
    }
}
