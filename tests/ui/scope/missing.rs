use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn atexit(run: impl FnOnce() + Send + 'static) -> i32;
    fn set_logger(log: impl Fn(i32) + Send + Sync + 'static);
}

fn main() {}
