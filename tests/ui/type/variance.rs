use tramp_rt::{Trampoline, trampoline};

#[trampoline]
pub type Take<T> = extern "C" fn(T);

fn lengthen<'a>(take: Trampoline<Take<&'a str>>) -> Trampoline<Take<&'static str>> {
    take
}

fn main() {}
