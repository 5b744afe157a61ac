use tramp_rt::Trampoline;

fn main() {
    let count = std::cell::Cell::new(1);
    let _ = Trampoline::<unsafe extern "C" fn() -> i32>::new(move || count.get());
}
