use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl AsyncFn(i32));
}

fn main() {}
