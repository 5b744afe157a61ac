//! Does random operations on trampolines, and counts every closure, slot, byte and mapping.
//!
//! ```text
//! fuzz SECONDS [SEED] [without-forks]     rounds of operations, which begin and end with nothing alive
//! fuzz replay SEED ROUND [OPERATION,…]    one round, or these of its operations
//! fuzz planted FAULT                      makes a fault, which it has to find: see `Fault`
//! ```
//!
//! Child processes run the rounds, each with another source of tables. So the fuzzer outlives a fault that kills one. Then it
//! leaves out operations as long as the round still fails. It prints the rest, and how to run it again.

mod actor;
mod heap;
mod live;
mod model;
mod operation;
mod process;
mod random;
mod round;
mod shorten;
mod signature;
mod state;
mod threads;

use std::process::ExitCode;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use process::End;
use round::Rounds;

/// Says what is wrong, and aborts.
#[macro_export]
macro_rules! fail {
    ($($what:tt)*) => {
        $crate::die(&format!($($what)*))
    };
}

pub(crate) fn die(what: &str) -> ! {
    process::say(&format!("fuzz: {what}\n"));
    std::process::abort()
}

/// A fault that the fuzzer makes itself and has to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Fault {
    /// A slot is never released.
    Slot = 1,
    /// A token is lost.
    Token,
    /// A token is dropped twice.
    Drop,
    /// Memory is lost.
    Memory,
}

/// What the processes of the fuzzer share.
#[derive(Default)]
pub(crate) struct Progress {
    /// The round that runs.
    pub(crate) round: AtomicU64,
    pub(crate) rounds: AtomicU64,
    pub(crate) operations: AtomicU64,
    /// The most slots that a process has ever used, and regions.
    pub(crate) slots: AtomicU64,
    pub(crate) regions: AtomicU64,
}

pub(crate) fn progress() -> &'static Progress {
    static PROGRESS: OnceLock<usize> = OnceLock::new();
    let address = *PROGRESS.get_or_init(|| {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: new memory.
        let memory = unsafe { libc::mmap(ptr::null_mut(), size_of::<Progress>(), protection, flags, -1, 0) };
        if memory == libc::MAP_FAILED {
            fail!("no memory can be shared");
        }
        memory.expose_provenance()
    });
    // SAFETY: mapped above for good, zeros are a value, and all is atomic.
    unsafe { &*ptr::with_exposed_provenance(address) }
}

static PLANTED: AtomicU32 = AtomicU32::new(0);

/// Whether a planted fault is to happen now. It happens only sometimes.
pub(crate) fn planted(fault: Fault) -> bool {
    static MOMENTS: AtomicU32 = AtomicU32::new(0);
    PLANTED.load(Ordering::Relaxed) == fault as u32 && MOMENTS.fetch_add(1, Ordering::Relaxed) % 500 == 499
}

fn main() -> ExitCode {
    // Panics of closures and destructors call no hook. So this is a panic of the fuzzer itself.
    std::panic::set_hook(Box::new(|panic| fail!("{panic}")));
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let without_forks = words.last() == Some(&"without-forks");
    match (&words[..words.len() - usize::from(without_forks)], !without_forks) {
        (["replay", seed, round], forks) => replay(&rounds(seed, forks), round, None),
        (["replay", seed, round, only], forks) => replay(&rounds(seed, forks), round, Some(only)),
        (["planted", fault], forks) => {
            let fault = match *fault {
                "slot" => Fault::Slot,
                "token" => Fault::Token,
                "drop" => Fault::Drop,
                "memory" => Fault::Memory,
                other => fail!("there is no fault `{other}`"),
            };
            PLANTED.store(fault as u32, Ordering::Relaxed);
            fuzz(60, &rounds("1", forks))
        }
        ([seconds, seed], forks) => fuzz(number(seconds), &rounds(seed, forks)),
        ([seconds], forks) => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            fuzz(number(seconds), &Rounds { seed: now.as_secs() ^ u64::from(now.subsec_nanos()) << 32, forks })
        }
        _ => {
            process::say("fuzz SECONDS [SEED] | replay SEED ROUND [OPERATION,…] | planted FAULT  [without-forks]\n");
            ExitCode::from(2)
        }
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| fail!("`{text}` is no number"))
}

fn rounds(seed: &str, forks: bool) -> Rounds {
    Rounds { seed: number(seed), forks }
}

fn fuzz(seconds: u64, rounds: &Rounds) -> ExitCode {
    let (begun, progress) = (Instant::now(), progress());
    println!("seed {}", rounds.seed);
    let end = begun + Duration::from_secs(seconds);
    let mut first = 0;
    while Instant::now() < end {
        let child = process::fork(0, || rounds.run(first, end));
        match process::wait(child) {
            End::Success => first += round::ROUNDS_OF_A_PROCESS,
            failure => {
                let failed = progress.round.load(Ordering::Relaxed);
                if PLANTED.load(Ordering::Relaxed) != 0 {
                    println!("round {failed} has ended with {failure:?}");
                    return ExitCode::FAILURE;
                }
                println!("round {failed} has ended with {failure:?}; it is made shorter");
                shorten::shorten(rounds, first, failed);
                return ExitCode::FAILURE;
            }
        }
    }
    let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
    let (operations, took) = (load(&progress.operations), begun.elapsed().as_secs_f64());
    #[allow(clippy::cast_precision_loss, reason = "it is printed in millions")]
    let millions = operations as f64 / 1e6;
    println!(
        "{operations} operations in {} rounds, nothing lost; {:.2} million a second; at most {} slots used, in {} regions",
        load(&progress.rounds),
        millions / took,
        load(&progress.slots),
        load(&progress.regions),
    );
    ExitCode::SUCCESS
}

fn replay(rounds: &Rounds, round: &str, only: Option<&str>) -> ExitCode {
    // A range of rounds is for a fault that comes only after other rounds.
    let (first, last) = round.split_once('-').unwrap_or((round, round));
    let (first, last) = (number(first), number(last));
    let only: Option<Vec<_>> =
        only.map(|only| only.split(',').map(|at| usize::try_from(number(at)).expect("small")).collect());
    rounds.set_sources(first);
    let mut memory = round::Memory::default();
    for round in first..=last {
        let operations = rounds.operations(round);
        let chosen = match &only {
            Some(only) => only.iter().filter_map(|&at| operations.get(at).copied()).collect(),
            None => operations,
        };
        round::execute(chosen, &mut memory);
    }
    println!("it does not fail");
    ExitCode::SUCCESS
}

/// Whether there are mapped trampolines in this process.
pub(crate) fn has_mapped() -> bool {
    round::HAS_MAPPED.load(Ordering::Relaxed)
}

/// Whether slots can be protected.
pub(crate) fn has_protected() -> bool {
    has_mapped()
}
