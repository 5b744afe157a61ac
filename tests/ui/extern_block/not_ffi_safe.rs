#![deny(improper_ctypes)]

use tramp_rt::{UserData, trampoline};

pub struct Rust(u8, u64);

#[trampoline]
unsafe extern "C" {
    fn show(text: &str, done: impl Fn()) -> Vec<u8>;
    fn map(map: impl FnMut(String) -> i32);
    fn make(make: impl FnOnce() -> Rust);
    fn nullable(visit: Option<impl for<'a> Fn(&'a str) -> &'a u8>);
    fn owned(#[scope(owned)] run: impl Fn(Rust) + 'static);
    fn by_data(run: impl FnMut(UserData, Rust), data: UserData);
    fn notified(
        #[scope(notified)] run: impl FnMut(UserData) + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(UserData, Rust)>,
    );
    #[restore]
    fn set(handler: impl Fn(Rust)) -> Option<unsafe extern "C" fn(Rust)>;
    fn pointer(handler: unsafe extern "C" fn(Rust), done: impl Fn());
}

macro_rules! declare {
    ($name:ident, $ty:ty) => {
        #[trampoline]
        unsafe extern "C" {
            fn $name(run: impl Fn($ty));
        }
    };
}

declare!(by_macro, Rust);

#[trampoline]
#[allow(improper_ctypes)]
unsafe extern "C" {
    fn allowed(run: impl FnMut(String));
}

fn main() {}
