use std::cell::Cell;
use tramp_rt::trampoline;

#[trampoline]
extern "C" fn read(count: &Cell<i32>) -> i32 {
    count.get()
}

#[trampoline]
extern "C" fn finish(count: Vec<i32>) {}

fn main() {
    // A cell that other threads would share.
    let _ = read::scoped_any(&Cell::new(1), |_| ());
    // A state that is consumed is not lent.
    let _ = finish::scoped(Vec::new(), |_| ());
}
