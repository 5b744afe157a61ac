use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl Fn(impl Fn(i32)));
}

fn main() {}
