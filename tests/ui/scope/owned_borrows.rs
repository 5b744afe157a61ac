use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn add_listener(#[scope(owned)] listener: impl Fn(i32) + Send + Sync + 'static);
}

fn main() {
    let factor = 2;
    let _owner = unsafe { add_listener(|n| println!("{}", n * factor)) };
}
