use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl Fn(i32) + FnOnce(i64));
}

fn main() {}
