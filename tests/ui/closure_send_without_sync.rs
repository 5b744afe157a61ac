use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn set_logger(log: impl Fn(i32) + Send + 'static);
}

fn main() {}
