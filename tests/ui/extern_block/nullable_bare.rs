use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn select(filter: Option<impl Fn(i32) -> i32>);
}

fn main() {
    unsafe { select(|n| n) };
}
