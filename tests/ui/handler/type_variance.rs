#![forbid(unsafe_code)]

use std::marker::PhantomData;
use tramp_rt::{Trampoline, trampoline};

#[trampoline]
extern "C" fn get<T: Copy>(state: &T) -> T {
    *state
}

// A `&'a str` passed through what is stored as a function of `&'static str`.
fn shorten<'a>(stored: Trampoline<get<fn(&'static str)>>) -> Trampoline<get<fn(&'a str)>> {
    stored
}

fn lengthen<'a>(stored: Trampoline<get<&'a str>>) -> Trampoline<get<&'static str>> {
    stored
}

fn shorten_name<'a>(name: PhantomData<get<&'static str>>) -> PhantomData<get<&'a str>> {
    name
}

fn lengthen_name<'a>(name: PhantomData<get<&'a str>>) -> PhantomData<get<&'static str>> {
    name
}

fn main() {}
