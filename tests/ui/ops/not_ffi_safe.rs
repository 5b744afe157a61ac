#![deny(improper_ctypes_definitions)]

use tramp_rt::trampoline;

pub struct Rust(u8, u64);

#[allow(improper_ctypes_definitions)]
mod ffi {
    #[repr(C)]
    pub struct Ops {
        pub show: Option<unsafe extern "C" fn(&str)>,
        pub make: Option<unsafe extern "C" fn() -> super::Rust>,
        pub allowed: Option<unsafe extern "C" fn(String)>,
    }
}

struct State(String);

#[trampoline(ops = ffi::Ops)]
impl State {
    extern "C" fn show(&mut self, text: &str) {
        self.0.push_str(text);
    }

    extern "C" fn make(&self) -> Rust {
        Rust(0, self.0.len() as u64)
    }

    #[allow(improper_ctypes_definitions)]
    extern "C" fn allowed(&self, text: String) {
        let _ = text;
    }
}

fn main() {
    drop(State(String::new()).bind(ffi::Ops { show: None, make: None, allowed: None }));
}
