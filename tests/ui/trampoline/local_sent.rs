use tramp_rt::Trampoline;

fn send(_: impl Send) {}

fn main() {
    let local = Trampoline::<unsafe extern "C" fn()>::local(|| {}).unwrap();
    send(local);
}
