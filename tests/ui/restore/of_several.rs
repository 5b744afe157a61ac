use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[restore]
    fn set_handlers(first: impl Fn(i32), second: impl Fn(i32)) -> Option<unsafe extern "C" fn(i32)>;
    #[restore]
    fn set_handler(handler: Option<impl Fn(i32)>) -> Option<unsafe extern "C" fn(i32)>;
}

fn main() {}
