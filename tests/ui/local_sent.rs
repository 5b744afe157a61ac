use tramp_rt::Trampoline;

fn main() {
    let local = Trampoline::<unsafe extern "C" fn()>::local(|| {}).unwrap();
    std::thread::spawn(move || drop(local));
}
