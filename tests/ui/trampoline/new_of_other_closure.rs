use tramp_rt::Trampoline;

fn main() {
    let _ = Trampoline::<unsafe extern "C" fn(i32)>::new(|_: i64| ());
    let _ = Trampoline::<unsafe extern "C" fn(i32) -> i32>::new_mut(|n| _ = n);
    let _ = Trampoline::<unsafe extern "C" fn(i32)>::local(|| ());
}
