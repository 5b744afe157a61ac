#![deny(improper_ctypes_definitions)]

use tramp_rt::{UserData, trampoline};

pub struct Rust(u8, u64);

#[trampoline]
pub type Show = unsafe extern "C" fn(text: &str) -> i32;

#[trampoline]
pub type Make = extern "C" fn() -> Rust;

#[trampoline]
pub type Take<T> = unsafe extern "C" fn(data: UserData, *const T, Rust);

#[trampoline]
#[allow(improper_ctypes_definitions)]
pub type Allowed = unsafe extern "C" fn(String);

fn main() {}
