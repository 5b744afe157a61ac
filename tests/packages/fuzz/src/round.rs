//! Rounds, which begin and end with nothing alive.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tramp_rt::{Source, set_sources};

use crate::model::{MODEL, Used};
use crate::operation::{Operation, sequence};
use crate::random::Random;
use crate::{actor, fail, heap, model, progress, threads};

/// Every page has more slots than this, because no slot has more than 64 bytes.
const LEAST_SLOTS: usize = 60;

/// How many rounds a process does. Meanwhile, memory and mappings must not grow.
pub(crate) const ROUNDS_OF_A_PROCESS: u64 = 300;
/// How long a round may take.
const SECONDS: u32 = 120;
/// After so many rounds of a process, hardly any slot is new.
const WARM: u32 = 60;
/// How many may still be new, because more are alive at once than before. 1,143 were seen. If one in fifty released slots were
/// lost, more would be new.
const MOST_NEW: usize = 2_500;
/// How many counters a process may have.
const MOST_COUNTERS: i64 = 2_000;

/// Whether this process has tables.
pub(crate) static HAS_MAPPED: AtomicBool = AtomicBool::new(true);

#[derive(Debug)]
pub(crate) struct Rounds {
    pub(crate) seed: u64,
    pub(crate) forks: bool,
}

impl Rounds {
    pub(crate) fn operations(&self, round: u64) -> Vec<Operation> {
        sequence(&mut Random::new(self.seed.wrapping_mul(0x1_0000_0001).wrapping_add(round)), self.forks)
    }

    /// Each process has its tables from another source. Some have no tables.
    pub(crate) fn set_sources(&self, round: u64) {
        let process = round / ROUNDS_OF_A_PROCESS;
        let sources: &[Source] = match Random::new(self.seed ^ !process).below(10) {
            0 => &[],
            1..=2 => &[Source::Text],
            3..=4 => &[Source::Memfd],
            5..=6 => &[Source::Temporary],
            _ => &[Source::File, Source::Text, Source::Memfd, Source::Temporary],
        };
        // What the system does not have is not tried.
        if set_sources(sources).is_err() {
            fail!("there were tables before the first round");
        }
        HAS_MAPPED.store(!sources.is_empty(), Ordering::Relaxed);
    }

    /// What a process does, until the time is over.
    pub(crate) fn run(&self, first: u64, end: Instant) {
        self.set_sources(first);
        let mut memory = Memory::default();
        for round in first..first + ROUNDS_OF_A_PROCESS {
            progress().round.store(round, Ordering::Relaxed);
            execute(self.operations(round), &mut memory);
            progress().rounds.fetch_add(1, Ordering::Relaxed);
            if Instant::now() >= end {
                return;
            }
        }
    }
}

/// What was allocated and mapped when there was nothing.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    before: Option<(i64, Used, u32, usize)>,
    rounds: u32,
    /// What was used when the process was warm.
    warm: Option<Used>,
}

impl Memory {
    /// Everything is dropped. So no more memory is in use than before, except for the memory beside new slots.
    fn check(&mut self, used: Used) {
        let (bytes, leaks, mappings) = (heap::bytes(), MODEL.leaks(), mappings());
        if let Some((bytes_before, used_before, leaks_before, mappings_before)) = self.before {
            let new = |now: usize, before: usize| i64::try_from(now.saturating_sub(before)).expect("few");
            // Each region of protected slots has a table of those that are taken.
            let may_be_new = 4_096 * new(used.regions, used_before.regions);
            if bytes > bytes_before + may_be_new && leaks == leaks_before {
                fail!("{bytes_before} bytes of the heap became {bytes}, with {used:?} after {used_before:?}");
            }
            // Code, slots, and what separates them. A copy of the code for each page of slots. Stacks of threads, which come
            // and go.
            let pages = used.slots.saturating_sub(used_before.slots).div_ceil(LEAST_SLOTS);
            let may_be_new = 16 + 14 * used.regions.saturating_sub(used_before.regions) + pages;
            if mappings > mappings_before + may_be_new {
                fail!("{mappings_before} mappings became {mappings}, with {used:?} after {used_before:?}");
            }
        }
        if heap::counters() > MOST_COUNTERS {
            fail!("there are {} counters, although nothing is alive", heap::counters());
        }
        self.rounds += 1;
        if self.rounds == WARM {
            self.warm = Some(used);
        }
        if let Some(warm) = self.warm {
            let regions = used.regions - warm.regions;
            if regions == 0 && used.slots > warm.slots + MOST_NEW || regions > 2 {
                fail!("{used:?} after {warm:?}, although nothing is alive");
            }
        }
        // The first rounds have what is allocated once.
        let mappings = self.before.map_or(mappings, |(.., before)| before.max(mappings));
        self.before = Some((bytes, used, leaks, mappings));
        progress().slots.fetch_max(used.slots as u64, Ordering::Relaxed);
        progress().regions.fetch_max(used.regions as u64, Ordering::Relaxed);
    }
}

fn mappings() -> usize {
    std::fs::read("/proc/self/maps").map_or(0, |maps| maps.split(|&byte| byte == b'\n').count())
}

/// Executes a round, and checks that it has left nothing behind.
pub(crate) fn execute(operations: Vec<Operation>, memory: &mut Memory) {
    // SAFETY: asks for a signal, so that a round that hangs ends.
    unsafe { libc::alarm(SECONDS) };
    threads::begin();
    actor::execute(operations);
    threads::end_all();
    actor::take_all();
    actor::drop_all();
    memory.check(model::count());
}
