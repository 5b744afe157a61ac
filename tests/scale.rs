//! Millions of live trampolines, and what they cost.

#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of live trampolines, and of libc in child processes")]

use std::env;
use std::process::exit;

use tramp_rt::Trampoline;

#[cfg(target_os = "linux")]
#[path = "scale/limits.rs"]
mod limits;

type Get = unsafe extern "C" fn() -> u64;

const CASE: &str = "TRAMP_TEST_SCALE";

/// How many trampolines live at once, on any processor and under emulation: `TRAMP_TEST_LIVE` has another number for
/// slow machines.
fn live() -> u64 {
    let default = if cfg!(target_pointer_width = "64") { 1_000_000 } else { 100_000 };
    env::var("TRAMP_TEST_LIVE").map_or(default, |count| count.parse().expect("a number"))
}

/// Runs `test` in a process of its own, so that its memory and mappings are all there are. Passes on what it says.
fn alone(name: &str, test: fn()) {
    if env::var(CASE).is_ok() {
        test();
        exit(0);
    }
    let child = tramp_test_support::alone(name).env(CASE, "1").output().expect("a child process");
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "{}\n{out}\n{err}", child.status);
    let short = name.rsplit(':').next().unwrap_or(name);
    out.lines().filter(|line| line.starts_with(short)).for_each(|line| println!("{line}"));
}

fn create(count: u64) -> Vec<Trampoline<Get>> {
    let mut all = Vec::with_capacity(usize::try_from(count).expect("it fits"));
    all.extend((0..count).map(|n| {
        let captured = [n, n + 1];
        Trampoline::<Get>::new(move || captured[0] + captured[1]).expect("a slot")
    }));
    all
}

fn check(all: &[Trampoline<Get>], step: usize) {
    for (n, get) in (0..).zip(all).step_by(step) {
        assert_eq!(unsafe { (get.as_fn())() }, 2 * n + 1);
    }
}

#[test]
fn a_million_live_answer() {
    alone("a_million_live_answer", || {
        let all = create(live());
        check(&all, 1);
    });
    println!("live: {}", live());
}
