//! 200 closure types with `THUNKS` direct thunks each. Their bodies are small, or large if `LARGE` is 1. Both are variables of
//! the environment in which this is compiled.

use std::hint::black_box;

use tramp_rt::Trampoline;

const fn digit(text: Option<&str>) -> usize {
    match text {
        Some(text) => (text.as_bytes()[0] - b'0') as usize,
        None => 0,
    }
}

const THUNKS: usize = digit(option_env!("THUNKS"));
const LARGE: bool = digit(option_env!("LARGE")) == 1;

struct Callback;

tramp_rt::__private::signature! {
    // SAFETY: the pointer types are the signature's, and `unsafe` to call.
    promise: unsafe { tramp_rt::__private::Promise::new(tramp_rt::__private::VERSION) };
    generics: [] [];
    type: Callback;
    pointer: unsafe extern "C" fn(u64) -> u64;
    declared: unsafe extern "C" fn(u64) -> u64;
    direct: THUNKS;
    fn: for<> extern "C" fn(argument: u64,) -> u64;
}

/// The body of the large closures. Each contains a copy.
#[inline(always)]
fn formatted_length(argument: u64, number: u64) -> u64 {
    let numbers: Vec<u64> = (argument..argument + number).filter(|n| n % 3 != 0).collect();
    let text = format!("{argument:>8} of {number}: {numbers:?}");
    text.bytes().filter(u8::is_ascii_digit).count() as u64
}

/// Ten times ten times two closures. Their numbers make no two equal.
macro_rules! closures {
    ($sum:ident) => { closures!(@tens $sum [0 1]) };
    (@tens $sum:ident [$($hundreds:literal)*]) => { $(closures!(@ones $sum $hundreds [0 1 2 3 4 5 6 7 8 9]);)* };
    (@ones $sum:ident $hundreds:literal [$($tens:literal)*]) => {
        $(closures!(@each $sum $hundreds $tens [0 1 2 3 4 5 6 7 8 9]);)*
    };
    (@each $sum:ident $hundreds:literal $tens:literal [$($ones:literal)*]) => { $({
        const NUMBER: u64 = 1000 + $hundreds * 100 + $tens * 10 + $ones;
        let words = black_box([NUMBER, 1]);
        let trampoline = Trampoline::<Callback>::new(move |argument| {
            if LARGE {
                formatted_length(argument, NUMBER) + words[0]
            } else {
                argument.wrapping_mul(NUMBER) ^ words[0] ^ words[1]
            }
        });
        let trampoline = trampoline.unwrap_or_else(|_| std::process::abort());
        // SAFETY: the trampolines are alive and have this signature.
        $sum = $sum.wrapping_add(unsafe { trampoline.as_fn()($sum) });
    })* };
}

fn main() {
    let mut sum = 0_u64;
    closures!(sum);
    println!("{sum}");
}
