use tramp_rt::{ThisThread, Trampoline, trampoline};

#[trampoline]
unsafe extern "C" {
    fn add_listener(#[scope(owned)] listener: impl Fn(i32) + Send + Sync + 'static);
}

struct Wrong(Trampoline<add_listener, ThisThread>);

fn main() {
    Wrong(unsafe { add_listener(|_| ()) });
}
