use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    unsafe extern "C" fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
}

fn main() {}
