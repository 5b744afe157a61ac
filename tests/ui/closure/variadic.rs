use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn set_logger(log: impl Fn(*const i8, ...));
}

fn main() {}
