use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn atexit(#[scope(forever)] run: impl FnOnce() + 'static) -> i32;
    fn add_listener(#[scope(owned)] listener: impl FnOnce(i32) + 'static);
}

fn main() {}
