#![deny(improper_ctypes_definitions)]

use tramp_rt::trampoline;

pub struct Rust(u8, u64);

#[trampoline]
extern "C" fn on_text(log: &mut String, text: &str, number: Rust) -> String {
    log.push_str(text);
    let _ = number;
    log.clone()
}

#[trampoline]
extern "C" fn on_end<T>(state: Vec<T>, made: *const T, number: Rust) {
    let _ = (state, made, number);
}

#[trampoline]
#[allow(improper_ctypes_definitions)]
extern "C" fn allowed(log: &mut String, text: &str) {
    log.push_str(text);
}

fn main() {
    drop(on_text::bind(String::new()));
    drop(on_end::bind(vec![1]));
    drop(allowed::bind(String::new()));
}
