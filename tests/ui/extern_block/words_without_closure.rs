use tramp_rt::trampoline;

type Handler = unsafe extern "C" fn(i32);

#[trampoline]
unsafe extern "C" {
    #[scope(async)]
    fn at_exit(run: Handler);
    #[on_panic(abort)]
    fn each(#[scope(call)] count: i32, #[on_panic(abort)] visit: Handler);
    #[restore]
    safe fn set_handler(handler: Option<Handler>) -> Option<Handler>;
}

fn main() {}
