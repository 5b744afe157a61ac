use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn atexit(run: impl FnOnce() + Sync + 'static);
}

fn main() {}
