use tramp_rt::Trampoline;

fn main() {
    let _ = Trampoline::<fn(i32)>::new(|_| ());
    let _ = Trampoline::<Option<fn(i32)>>::new_mut(|_| ());
    let _ = Trampoline::<fn(i32)>::scoped(|_| (), |_| ());
    let _ = Trampoline::<fn(i32)>::reserve(10);
}
