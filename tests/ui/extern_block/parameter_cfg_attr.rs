use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[cfg_attr(unix, cfg(windows))] count: i32, visit: impl FnMut(i32));
}

fn main() {}
