use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    safe fn add_listener(#[scope(owned)] listener: impl Fn(i32) + Send + Sync + 'static);

    safe fn add_nullable(#[scope(owned)] listener: Option<impl FnMut(i32) + 'static>) -> i32;
}

fn main() {}
