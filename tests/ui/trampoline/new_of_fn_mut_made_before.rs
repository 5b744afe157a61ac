//! A closure that the compiler sees before it knows what it is for.

use tramp_rt::Trampoline;

fn main() {
    let mut sum = 0;
    let add = move |n| sum += n;
    let _ = Trampoline::<unsafe extern "C" fn(i32)>::new(add);
}
