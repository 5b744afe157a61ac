use tramp_rt::Trampoline;

fn main() {
    let _ = Trampoline::<fn(i32) -> i32>::new(|n| n);
}
