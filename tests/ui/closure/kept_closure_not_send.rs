use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
}

fn main() {
    let name = std::rc::Rc::new(1);
    atexit(move || println!("{name}"));
}
