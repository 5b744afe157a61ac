use tramp_rt::trampoline;

type Handler = Option<unsafe extern "C" fn(i32)>;

#[trampoline]
unsafe extern "C" {
    #[restore]
    safe fn signal(#[scope(owned)] handler: impl Fn(i32) + Send + Sync + 'static) -> Handler;

    #[restore]
    safe fn set_handler(handler: impl FnMut(i32)) -> Handler;
}

fn main() {}
