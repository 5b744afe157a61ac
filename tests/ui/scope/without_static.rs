use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn atexit(#[scope(async)] run: impl FnOnce() + Send) -> i32;
    fn set_logger(#[scope(forever)] log: impl Fn(i32));
    fn add_listener(#[scope(owned)] listener: impl FnMut(i32));
}

fn main() {}
