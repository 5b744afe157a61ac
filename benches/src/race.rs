//! The harness. All alternatives take turns, round after round. So whatever slows the machine down for a while slows
//! all of them down. Only medians of one race are compared.

use std::ops::Index;
use std::time::Duration;

/// How often each alternative has its turn, after one turn to warm up. This is as often as the length of a turn allows,
/// so that the medians do not depend on other work of the machine.
pub mod rounds {
    pub const MILLISECONDS: usize = 101;
    pub const TENTHS_OF_SECONDS: usize = 15;
    pub const SECONDS: usize = 11;
}

/// The names of the alternatives, the same in every table.
pub mod name {
    pub const PLAIN: &str = "plain fn";
    pub const USER_DATA: &str = "user data";
    pub const HEAP: &str = "heap alone";
    pub const DIRECT: &str = "tramp, direct";
    pub const MAPPED: &str = "tramp, mapped";
    pub const LIBFFI: &str = "libffi";
    pub const LIBFFI_LOW: &str = "libffi, low level";
    pub const CLOSURE_FFI: &str = "closure-ffi";
}

/// One way to do the work. It sets up what it needs, does the work, and returns how long the work alone took.
pub struct Alternative<'a> {
    name: String,
    run: Box<dyn FnMut() -> Duration + 'a>,
}

impl<'a> Alternative<'a> {
    pub fn new(name: impl Into<String>, run: impl FnMut() -> Duration + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// Each alternative's median, in nanoseconds per operation.
pub struct Medians(Vec<(String, f64)>);

impl Medians {
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(named, _)| named == name).map(|&(_, nanoseconds)| nanoseconds)
    }
}

impl Index<&str> for Medians {
    type Output = f64;
    fn index(&self, name: &str) -> &f64 {
        let found = self.0.iter().find(|(named, _)| named == name);
        &found.unwrap_or_else(|| panic!("`{name}` was not in the race")).1
    }
}

/// Lets the alternatives race. Each turn does so many `operations`.
pub fn race(rounds: usize, operations: u64, mut alternatives: Vec<Alternative<'_>>) -> Medians {
    let mut times = vec![Vec::with_capacity(rounds); alternatives.len()];
    for round in 0..=rounds {
        for turn in 0..alternatives.len() {
            let index = (round + turn) % alternatives.len(); // not always after the same one
            let time = (alternatives[index].run)();
            if round > 0 {
                times[index].push(time.as_secs_f64() * 1e9 / operations as f64);
            }
        }
    }
    Medians(alternatives.into_iter().zip(times).map(|(alternative, times)| (alternative.name, median(times))).collect())
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

/// The processor time that this thread takes for some work. It does not include what other programs take in the
/// meantime.
pub fn time<R>(work: impl FnOnce() -> R) -> Duration {
    let start = thread_time();
    std::hint::black_box(work());
    thread_time().saturating_sub(start)
}

fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the time of a clock that every thread has.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "clock_gettime(2)");
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.expect("not negative"), nanoseconds.expect("not negative"))
}
