use tramp_rt::Trampoline;

fn main() {
    let mut count = 1;
    let _ = Trampoline::<unsafe extern "C" fn() -> i32>::new(move || {
        count += 1;
        count
    });
}
