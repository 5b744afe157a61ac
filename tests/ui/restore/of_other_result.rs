use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[restore]
    fn signal(number: i32, #[scope(owned)] handler: impl Fn(i32) + Send + Sync + 'static) -> usize;
    #[restore]
    fn set_handler(handler: impl Fn(i32)) -> Option<extern "C" fn(i32)>;
}

fn main() {}
