use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[scope(borrowed)] visit: impl FnMut(i32));
    fn all(#[scope] visit: impl FnMut(i32));
    fn some(#[scope()] visit: impl FnMut(i32));
    fn none(#[scope(call, async)] visit: impl FnMut(i32));
}

fn main() {}
