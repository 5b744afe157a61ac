use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_event(code: i32) {
    println!("{code}");
}

fn main() {
    let _: extern "C" fn(i32) = on_event;
}
