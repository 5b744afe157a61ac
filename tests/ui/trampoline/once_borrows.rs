use tramp_rt::Trampoline;

fn main() {
    let count = String::new();
    let _ = Trampoline::<unsafe extern "C" fn()>::once(|| drop(&count));
}
