use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[restore]
    fn set_handler(handler: impl Fn(i32));
}

fn main() {}
