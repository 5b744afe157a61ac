use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
}

fn main() {
    let name = String::from("x");
    atexit(|| println!("{name}"));
}
