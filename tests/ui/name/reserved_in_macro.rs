use tramp_rt::{UserData, trampoline};

#[derive(Clone, Copy)]
struct __TrampT(&'static u8);

type __TrampF = ();

macro_rules! hidden {
    () => {
        __TrampT
    };
}

#[trampoline]
type Show = unsafe extern "C" fn(hidden!()) -> u8;

#[trampoline]
type ShowByData = unsafe extern "C" fn(hidden!(), UserData) -> u8;

macro_rules! hidden_unit {
    () => {
        __TrampF
    };
}

#[trampoline]
type ShowUnit = unsafe extern "C" fn(hidden_unit!()) -> u8;

fn main() {}
