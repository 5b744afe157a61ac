use tramp_rt::Trampoline;

fn main() {
    let answer = Trampoline::<extern "C" fn() -> i32>::new(|| 42).unwrap();
    let late = answer.as_declared();
    drop(answer);
    late();
}
