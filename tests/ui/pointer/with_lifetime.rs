use tramp_rt::Trampoline;

fn main() {
    let _ = Trampoline::<unsafe extern "C" fn(&i32) -> i32>::new(|n| *n);
    let _ = Trampoline::<unsafe extern "C" fn(&i32)>::scoped_mut(|_| (), |_| ());
}
