use tramp_rt::Trampoline;

fn main() {
    let add = Trampoline::<extern "C" fn(i32) -> i32>::new(|n| n + 1).unwrap();
    add.as_fn()(1);
}
