use tramp_rt::{Installed, ThisThread, Trampoline};

type Get<T> = unsafe extern "C" fn() -> T;

fn shorten<'a>(get: Trampoline<Get<&'static str>>, _: &'a str) -> Trampoline<Get<&'a str>> {
    get
}

fn shorten_local<'a>(
    get: Trampoline<Get<&'static str>, ThisThread>,
    _: &'a str,
) -> Trampoline<Get<&'a str>, ThisThread> {
    get
}

fn shorten_installed<'a>(get: Installed<Get<&'static str>>, _: &'a str) -> Installed<Get<&'a str>> {
    get
}

fn main() {}
