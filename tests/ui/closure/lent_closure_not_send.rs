use std::rc::Rc;
use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn run_elsewhere(job: impl FnMut(i32) + Send);
    fn run_everywhere(job: impl Fn(i32) + Send + Sync);
}

fn main() {
    let count = Rc::new(1);
    unsafe { run_elsewhere(|_| drop(count.clone())) };
    let last = std::cell::Cell::new(1);
    unsafe { run_everywhere(|n| last.set(n)) };
}
