//! The number of instructions for a call of an empty closure. An emulator counts them, and reports the address of each.
//!
//! `TRAMP_TEST_TRACER` names qemu-user and its arguments; `ci/cross` sets it.

#![cfg(not(debug_assertions))] // it is the optimised code that is counted
#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of a function and of live trampolines")]

use std::collections::HashSet;
use std::env;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tramp_rt::Trampoline;
use tramp_test_support::{Kind, occupy_direct_slots};

type Empty = unsafe extern "C" fn();

const CASE: &str = "TRAMP_TEST_INSTRUCTIONS";

/// A thunk's distance from others in its table. No function of the program is that near.
const NEAR: u64 = 4096;

/// The most instructions on processors with an address relative to the program counter. The others get the address by a
/// call.
const THUNK_INSTRUCTIONS: usize = if cfg!(target_arch = "x86") { 7 } else { 4 };

extern "C" fn function() {}

/// One loop for all calls, so that the test knows the loop's own instructions.
#[inline(never)]
fn call(callee: Empty) {
    for _ in 0..8 {
        unsafe { black_box(callee)() };
    }
}

/// Calls a function, a direct trampoline and a mapped one. The emulator traces them, and this prints their addresses.
fn calls() {
    let direct = Trampoline::<Empty>::new(|| ()).expect("a slot");
    let _live = occupy_direct_slots();
    let mapped = Trampoline::<Empty>::new(|| ()).expect("a slot");
    assert_eq!((Kind::of(&direct), Kind::of(&mapped)), (Kind::Direct, Kind::Mapped));
    for callee in [function as Empty, direct.as_fn(), mapped.as_fn()] {
        println!("entry: {:#x}", callee as usize);
        call(callee);
    }
}

#[test]
fn empty_calls() {
    if env::var_os(CASE).is_some() {
        return calls();
    }
    let Ok(tracer) = env::var("TRAMP_TEST_TRACER") else {
        println!("empty_calls: skipped, TRAMP_TEST_TRACER names no emulator");
        return;
    };
    let mut words = tracer.split_whitespace();
    let mut child = Command::new(words.next().expect("an emulator"))
        .args(words)
        .args(["-one-insn-per-tb", "-d", "exec,nochain"])
        .arg(env::current_exe().expect("the program's own path"))
        .args(["empty_calls", "--exact", "--nocapture", "--test-threads=1"])
        .env(CASE, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("an emulator");
    let trace = BufReader::new(child.stderr.take().expect("a pipe"));
    let trace: Vec<u64> = trace.lines().filter_map(|line| address(&line.expect("UTF-8"))).collect();
    let output = child.wait_with_output().expect("a child process");
    let output = String::from_utf8(output.stdout).expect("UTF-8");
    let entries: Vec<_> = output.lines().filter_map(|line| hexadecimal(line.split_once("entry: 0x")?.1)).collect();
    let [function, direct, mapped] = entries[..] else { panic!("no calls:\n{output}") };

    let rounds = [function, direct, mapped].map(|entry| round(&trace, entry));
    let sets = rounds.each_ref().map(|round| round.iter().copied().collect::<HashSet<_>>());
    let callee = |round: &[u64]| {
        round.iter().filter(|address| !sets.iter().all(|set| set.contains(address))).copied().collect::<Vec<_>>()
    };
    let thunk = rounds[2].iter().filter(|address| address.abs_diff(mapped) < NEAR).count();
    let [function, direct, mapped] = rounds.each_ref().map(|round| callee(round).len());
    println!("instructions: function {function}, direct {direct}, mapped {mapped}, of which thunk {thunk}");
    assert!(0 < thunk && thunk <= THUNK_INSTRUCTIONS && thunk < mapped && function <= direct);
}

/// The program counter of a line of the trace, `Trace 0: 0xHOST [BASE/PC/FLAGS/…] SYMBOL`.
fn address(line: &str) -> Option<u64> {
    hexadecimal(line.strip_prefix("Trace ")?.split('/').nth(1)?)
}

fn hexadecimal(digits: &str) -> Option<u64> {
    u64::from_str_radix(digits, 16).ok()
}

/// The instructions from one call of `entry` to the next. If two calls differ, an interrupt came between.
fn round(trace: &[u64], entry: u64) -> &[u64] {
    let calls: Vec<_> = (0..trace.len()).filter(|at| trace[*at] == entry).collect();
    calls.windows(2).map(|pair| &trace[pair[0]..pair[1]]).min_by_key(|round| round.len()).expect("two calls")
}
