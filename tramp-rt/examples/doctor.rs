//! Says in one line whether trampolines work on this machine, and then what they use: the beginning of a bug report.
//!
//! ```sh
//! cargo run --example doctor
//! cargo run --release --example doctor -- --time     # also how long they take, as ratios
//! ```
//!
//! It fails if a trampoline returns a wrong number, or if this target has tables and there are too few trampolines.

use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use tramp_rt::{CreateError, Error, Trampoline};

type Add = unsafe extern "C" fn(i32) -> i32;

const LIVE: i32 = 1_000;
/// The number of calls or creations in one measurement, and the number of pairs of measurements.
const TIMES: i32 = 20_000;
const PAIRS: usize = 31;

fn main() -> ExitCode {
    if env::args_os().nth(1).is_some_and(|arg| arg == "--help") {
        println!("usage: doctor [--time]\nSays whether trampolines work on this machine, and what they use.");
        return ExitCode::SUCCESS;
    }
    let (alive, failed) = create();
    let report = tramp_rt::diagnostics(); // while all are alive
    let count = alive.len();
    // SAFETY: the trampolines are alive, and their closures take any number.
    let right = (0..).zip(&alive).filter(|(n, add)| unsafe { (add.as_fn())(1) } == n + 1).count();
    drop(alive);

    let (verdict, works) = match (failed, &report.source) {
        _ if right < count => ("trampolines are broken: not all return the right number".into(), false),
        (None, Ok(source)) => (format!("all trampolines work, direct and mapped, with tables from: {source}"), true),
        (None, Err(error)) => (format!("trampolines work, but there are no tables: {error}"), false),
        (Some(error @ Error::Unsupported(_)), _) => {
            (format!("direct trampolines work, {count} at once: {error}"), true)
        }
        (Some(error), _) => (format!("there are only {count} trampolines: {error}"), false),
    };
    println!("verdict: {verdict}");
    println!("{right} of {count} closures return the right number");
    println!("{report}");
    if env::args().any(|argument| argument == "--time") {
        if let Err(error) = time() {
            println!("times: no more: {error}");
        }
    }
    if works { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes them all, or as many as possible, with the reason why there are not more.
fn create() -> (Vec<Trampoline<Add>>, Option<Error>) {
    let mut alive = Vec::new();
    for n in 0..LIVE {
        match Trampoline::<Add>::new(move |m| n + m) {
            Ok(add) => alive.push(add),
            Err(CreateError { error, .. }) => return (alive, Some(error)),
        }
    }
    (alive, None)
}

/// Prints what calls and creations cost, as multiples of a function's call and of a `Box`.
fn time() -> Result<(), Error> {
    unsafe extern "C" fn function(m: i32) -> i32 {
        black_box(1) + m
    }
    let make = |n: i32| Trampoline::<Add>::new(move |m| black_box(n) + m);
    let boxed = |n: i32| drop(black_box(Box::new([n; 4])));
    // So many numbers do not fit into a slot. So the closure is on the heap, as the box is.
    let created = |n: i32| {
        let captured = [n; 4];
        drop(black_box(Trampoline::<Add>::new(move |m| captured[0] + m)));
    };

    // The first ones are direct.
    let direct = make(1)?;
    let direct_call = ratio(|| call(direct.as_fn()), || call(function));
    let direct_creation = ratio(|| repeat(created), || repeat(boxed));
    println!("times: a direct call is {direct_call:.2} of a function's, its creation {direct_creation:.2} of a box's");

    let mut others = Vec::new();
    while tramp_rt::diagnostics().slots.live == 0 {
        others.push(make(1)?);
    }
    let mapped = make(1)?;
    let mapped_call = ratio(|| call(mapped.as_fn()), || call(function));
    let mapped_creation = ratio(|| repeat(created), || repeat(boxed));
    println!("times: a mapped call is {mapped_call:.2} of a function's, its creation {mapped_creation:.2} of a box's");
    Ok(())
}

/// Many calls, of a function that the compiler does not know.
#[inline(never)]
fn call(function: Add) {
    for n in 0..TIMES {
        // SAFETY: it takes any number, and the caller keeps its trampoline.
        black_box(unsafe { black_box(function)(n) });
    }
}

fn repeat(action: impl Fn(i32)) {
    (0..TIMES).for_each(action);
}

/// How long one takes compared with the other: the median of pairs, each measured in one go.
fn ratio(one: impl Fn(), other: impl Fn()) -> f64 {
    let seconds = |action: &dyn Fn()| {
        let begun = Instant::now();
        action();
        begun.elapsed().as_secs_f64()
    };
    let mut ratios: Vec<_> = (0..PAIRS).map(|_| seconds(&one) / seconds(&other)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[PAIRS / 2]
}
