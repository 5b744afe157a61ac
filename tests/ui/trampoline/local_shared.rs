use tramp_rt::Trampoline;

fn share(_: &impl Sync) {}

fn main() {
    let local = Trampoline::<unsafe extern "C" fn()>::local(|| {}).unwrap();
    share(&local);
}
