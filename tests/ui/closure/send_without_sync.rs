use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn set_logger(#[scope(forever)] log: impl Fn(i32) + Send + 'static);
}

fn main() {}
