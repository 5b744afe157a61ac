use std::cell::Cell;
use std::rc::Rc;
use tramp_rt::Trampoline;

type Callback = unsafe extern "C" fn(i32);

fn main() {
    let count = Rc::new(1);
    let _ = Trampoline::<Callback>::scoped_any_mut(|_| drop(count.clone()), |_| ());
    let last = Cell::new(1);
    let _ = Trampoline::<Callback>::scoped_any(|n| last.set(n), |_| ());
}
