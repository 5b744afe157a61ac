use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn signal(number: i32, #[scope(forever)] handler: impl Fn(i32) + Send + Sync + 'static) -> impl Fn(i32);
}

fn main() {}
