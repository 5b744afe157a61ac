use tramp_rt::{Trampoline, trampoline};

#[trampoline]
type Filter = unsafe extern "C" fn(&i32) -> i32;

fn main() {
    let _ = Trampoline::<Filter>::new(|a: &i32, b: &i32| a + b);
    let _ = Trampoline::<Filter>::new(|a| a > &0);
}
