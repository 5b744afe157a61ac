use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[on_panic(ignore)] visit: impl FnMut(i32) -> i32);
    fn all(#[on_panic] visit: impl FnMut(i32) -> i32);
    fn some(#[on_panic(return = 1, log)] visit: impl FnMut(i32) -> i32);
}

fn main() {}
