use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn atexit(#[scope(async)] run: impl FnOnce() + Sync + 'static);
}

fn main() {}
