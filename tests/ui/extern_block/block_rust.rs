use tramp_rt::trampoline;

#[trampoline]
unsafe extern "Rust" {
    fn each(visit: impl Fn(i32));
}

fn main() {}
