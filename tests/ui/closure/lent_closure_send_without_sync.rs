use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn run_everywhere(job: impl Fn(i32) + Send);
    fn run_elsewhere(job: impl FnMut(i32) + Sync);
}

fn main() {}
