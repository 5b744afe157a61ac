use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[restore]
    fn set_handler(#[scope(forever)] handler: impl Fn(i32) + 'static) -> Option<unsafe extern "C" fn(i32)>;
}

fn main() {}
