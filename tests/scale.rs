//! Millions of live trampolines, and their cost.

#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of live trampolines, and of libc in child processes")]

use std::process::exit;
use std::sync::mpsc;
use std::{env, thread};

use tramp_rt::{Trampoline, diagnostics};
use tramp_test_support::occupy_direct_slots;

#[cfg(target_os = "linux")]
#[path = "scale/limits.rs"]
mod limits;

type Get = unsafe extern "C" fn() -> u64;

const CASE: &str = "TRAMP_TEST_SCALE";

/// How many trampolines live at once, on any processor and under emulation. `TRAMP_TEST_LIVE` sets another number for
/// slow machines.
fn live() -> u64 {
    let default = if cfg!(target_pointer_width = "64") { 1_000_000 } else { 100_000 };
    env::var("TRAMP_TEST_LIVE").map_or(default, |count| count.parse().expect("a number"))
}

/// Runs `test` in a process of its own, so that the process has no other memory and mappings. Passes its output on.
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

/// The mapped slots that were used at least once.
fn used() -> usize {
    let slots = diagnostics().slots;
    slots.live + slots.free
}

#[test]
fn one_thread_creates_for_ever_and_another_drops() {
    alone("one_thread_creates_for_ever_and_another_drops", || {
        const BATCH: u64 = 200;
        let _occupied = occupy_direct_slots();
        let (sender, receiver) = mpsc::sync_channel(2);
        let creates = thread::spawn(move || (0..1_000).for_each(|_| sender.send(create(BATCH)).expect("a receiver")));
        let drops = thread::spawn(move || receiver.into_iter().for_each(|all| check(&all, 50)));
        creates.join().expect("no panic");
        drops.join().expect("no panic");
        // Four batches are alive at most, and each thread holds back a few. 200,000 were created.
        assert!(used() < 3_000, "{} slots", used());
    });
}

#[test]
fn threads_that_come_and_go_hand_on_all_their_slots() {
    alone("threads_that_come_and_go_hand_on_all_their_slots", || {
        let _occupied = occupy_direct_slots();
        let round = || thread::spawn(|| check(&create(1_000), 1)).join().expect("no panic");
        round();
        let before = used();
        (0..200).for_each(|_| round());
        assert_eq!(used(), before);
    });
}

#[test]
fn what_one_thread_has_dropped_serves_another() {
    alone("what_one_thread_has_dropped_serves_another", || {
        const COUNT: u64 = 20_000;
        let _occupied = occupy_direct_slots();
        let all = create(COUNT);
        let before = used();
        drop(all);
        // This thread lives on, and so does its home.
        thread::spawn(|| check(&create(COUNT), 100)).join().expect("no panic");
        assert!(used() < before + 1_000, "{before} slots became {}", used());
        check(&create(COUNT), 100);
        assert!(used() < before + 1_000, "{before} slots became {}", used());
    });
}
