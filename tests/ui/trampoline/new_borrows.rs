use tramp_rt::Trampoline;

fn main() {
    let count = 1;
    let _ = Trampoline::<unsafe extern "C" fn() -> i32>::new(|| count);
}
