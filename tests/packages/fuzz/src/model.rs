//! What is alive in the whole process: slots, closures, and what threads give each other.

use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::fail;
use crate::live::{Live, Parcel, Parts};
use crate::state::{self, Id, MOST};

/// How many are leaked at most, in a process.
const MOST_LEAKS: u32 = 40;

pub(crate) struct Model {
    /// Slots that are taken, of every kind.
    slots: AtomicI64,
    /// Slots that certainly are direct.
    direct: AtomicI64,
    /// Slots that may be direct.
    unknown: AtomicI64,
    /// Slots that may already look free, because a call that still runs has dropped their owner.
    unsure: AtomicI64,
    /// Closures without bytes but with a destructor.
    zero_bytes: AtomicI64,
    /// Several threads run. So only what each of them has can be counted.
    storm: AtomicBool,
    /// This is a child of a process with other threads.
    child: AtomicBool,
    leaks: AtomicU32,
}

pub(crate) static MODEL: Model = Model {
    slots: AtomicI64::new(0),
    direct: AtomicI64::new(0),
    unknown: AtomicI64::new(0),
    unsure: AtomicI64::new(0),
    zero_bytes: AtomicI64::new(0),
    storm: AtomicBool::new(false),
    child: AtomicBool::new(false),
    leaks: AtomicU32::new(0),
};

static GIVEN: Mutex<Vec<Parcel>> = Mutex::new(Vec::new());
static TAKEN: [AtomicBool; MOST] = [const { AtomicBool::new(false) }; MOST];

impl Model {
    fn add(&self, parts: &Parts, sign: i64) {
        let slots = sign * i64::from(parts.rules.slots);
        self.slots.fetch_add(slots, Ordering::Relaxed);
        match parts.direct {
            Some(direct) => _ = self.direct.fetch_add(slots * i64::from(direct), Ordering::Relaxed),
            None => _ = self.unknown.fetch_add(slots, Ordering::Relaxed),
        }
    }

    pub(crate) fn made(&self, parts: &Parts) {
        self.add(parts, 1);
        self.zero_bytes.fetch_add(parts.facts.zero_bytes, Ordering::Relaxed);
    }

    /// Its slots are free.
    pub(crate) fn released(&self, parts: &Parts) {
        self.add(parts, -1);
    }

    /// Its slots may look free from now on, or may not any more.
    pub(crate) fn unsure(&self, parts: &Parts, sign: i64) {
        self.unsure.fetch_add(sign * i64::from(parts.rules.slots), Ordering::Relaxed);
    }

    /// Its closure is gone.
    pub(crate) fn ended(&self, parts: &Parts) {
        self.zero_bytes.fetch_sub(parts.facts.zero_bytes, Ordering::Relaxed);
    }

    pub(crate) fn is_storm(&self) -> bool {
        self.storm.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_storm(&self) {
        self.storm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn end_storm(&self) {
        self.storm.store(false, Ordering::Relaxed);
    }

    pub(crate) fn is_child(&self) -> bool {
        self.child.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_child(&self) {
        self.child.store(true, Ordering::Relaxed);
    }

    /// How many were leaked.
    pub(crate) fn leaks(&self) -> u32 {
        self.leaks.load(Ordering::Relaxed)
    }
}

/// A closure that will be made.
pub(crate) fn id() -> Id {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    loop {
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let index = u32::try_from(serial % MOST as u64).expect("few");
        if !TAKEN[index as usize].swap(true, Ordering::Relaxed) {
            return Id { index, serial };
        }
    }
}

/// Nothing is left of it.
pub(crate) fn forget(id: Id) {
    TAKEN[id.index as usize].store(false, Ordering::Relaxed);
}

/// Whether one more can be leaked. If so, it is counted.
pub(crate) fn may_leak() -> bool {
    MODEL.leaks.fetch_add(1, Ordering::Relaxed) < MOST_LEAKS
}

/// Gives a closure away, if any thread may have it.
pub(crate) fn give(live: Rc<Live>) -> Result<(), Rc<Live>> {
    let Some(parcel) = live.to_parcel() else { return Err(live) };
    drop(live);
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner).push(parcel);
    Ok(())
}

/// Takes one that was given.
pub(crate) fn take(which: u32) -> Option<Live> {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if given.is_empty() {
        *given = Vec::new(); // or else its memory looks like a leak
        return None;
    }
    let at = which as usize % given.len();
    Some(given.swap_remove(at).open())
}

/// The number of slots that were ever used, and of regions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    pub(crate) slots: usize,
    pub(crate) regions: usize,
}

/// Compares the slots that are taken with those that ought to be.
pub(crate) fn count() -> Used {
    let now = tramp_rt::diagnostics();
    let signed = |number: usize| i64::try_from(number).expect("few");
    let (live, direct) = (signed(now.slots.live + now.direct_live), signed(now.direct_live));
    let load = |number: &AtomicI64| number.load(Ordering::Relaxed);
    let (slots, known, unknown) = (load(&MODEL.slots), load(&MODEL.direct), load(&MODEL.unknown));
    if live > slots || live < slots - load(&MODEL.unsure) {
        fail!("{live} slots are taken, of them {direct} direct, in the place of {slots}");
    }
    if direct < known || direct > known + unknown {
        fail!("{direct} direct slots are taken, in the place of {known} and at most {unknown} more");
    }
    let zero_bytes = load(&MODEL.zero_bytes);
    if state::zero_bytes() != zero_bytes {
        fail!("{} closures without bytes are alive, in the place of {zero_bytes}", state::zero_bytes());
    }
    Used { slots: now.slots.live + now.slots.free, regions: now.regions }
}
