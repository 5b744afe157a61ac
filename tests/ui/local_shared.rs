use tramp_rt::Trampoline;

fn main() {
    let local = Trampoline::<unsafe extern "C" fn()>::local(|| {}).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| local.as_fn());
    });
}
