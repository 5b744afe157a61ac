//! Read-only slots, for programs that prefer a slow creation to the risk of an overwritten handler.
//!
//! The slots of a protected region are read-only except during a *window*, in which one of them is bound or released.
//! During a window all slots of the region are writable. A window for a part would split the part's mapping into three,
//! and the system could refuse this when the slot has to be released. No list goes through these slots, and no call
//! writes to them. A bit for each slot, outside the region, says whether the slot is taken.
//!
//! The window of one thread must not close the window of another. So there is a lock, the only one of the crate. A
//! process holds it. After a `fork`, the thread that held the lock does not exist in the child. The child finds another
//! process's number in the lock and takes it over. What the lock guards is whole after every store, except that a slot
//! may be lost, or a region may stay writable until its next window.

use core::iter::successors;
use core::ops::Range;
use core::ptr::NonNull;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::{process, thread};

use super::mapped::{Mapped, POOLS};
use super::runs::{RUN_BYTES, start_of};
use super::{lead, of};
use crate::arch::geometry::Table;
use crate::arch::{self, Place};
use crate::error::Error;
use crate::map;
use crate::map::Copies;
use crate::misuse::called_after_drop;
use crate::pool::Supply;
use crate::report::Slots;
use crate::slot::Slot;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// The number of slots for which one word has bits.
const BITS: usize = usize::BITS as usize;
const WORDS: usize = (Mapped::RUNS * RUN_BYTES / arch::THUNK_BYTES).div_ceil(BITS);

/// The record of a region, outside of it. All zeros are an empty record. Only the owner of the lock changes it.
struct Region {
    /// The beginning of the region's slots.
    start: usize,
    table: Table,
    earlier: Option<&'static Region>,
    free: AtomicUsize,
    /// How many of its runs are open, counted from the first one.
    open: AtomicUsize,
    /// Where to look for a free slot: behind the one that was taken last, so that released slots rest.
    next: AtomicUsize,
    claimed: [AtomicUsize; WORDS],
}

/// The newest region of each table.
static NEWEST: [AtomicPtr<Region>; Table::COUNT] = [const { AtomicPtr::new(core::ptr::null_mut()) }; Table::COUNT];

fn regions(table: Table) -> impl Iterator<Item = &'static Region> {
    // SAFETY: the pointer is null or leads to a published record, which is never freed.
    let newest = unsafe { NEWEST[table.number()].load(Ordering::Acquire).as_ref() };
    successors(newest, |region| region.earlier)
}

impl Region {
    const LAYOUT: Layout = Layout::new::<Self>();

    /// Maps a region and publishes it.
    fn publish(table: Table, _lock: &Lock) -> Result<(), Error> {
        struct Mapping(usize, &'static Mapped);
        impl Drop for Mapping {
            fn drop(&mut self) {
                // SAFETY: the region is fresh, and is dropped only if no other thread has seen it.
                unsafe { self.1.discard(self.0) }
            }
        }
        let supply = POOLS[table.number()].supply();
        let mapping = Mapping(supply.region()?, supply);
        #[allow(clippy::cast_ptr_alignment, reason = "it is that of the layout")]
        // SAFETY: the layout's size is not zero.
        let region = NonNull::new(unsafe { alloc_zeroed(Self::LAYOUT) }.cast::<Self>())
            .ok_or(Error::Heap { bytes: Self::LAYOUT.size() })?;
        // SAFETY: it was freshly allocated for this type, zeros are a valid value of it, and nothing else has it.
        let made = unsafe { &mut *region.as_ptr() };
        (made.start, made.table, made.earlier) = (mapping.0, table, regions(table).next());
        // SAFETY: the region is fresh and not discarded. Its first words are still those of the supply.
        *made.open.get_mut() = if unsafe { supply.is_whole(made.start) } { Mapped::RUNS } else { 1 };
        for run in 0..Mapped::RUNS {
            // SAFETY: the slot is in the region. Zeros are a valid slot, and its fields are atomics.
            let first = unsafe { made.slot(run * made.slots_per_run()).as_ref() };
            first.context.store(region.as_ptr().cast(), Ordering::Relaxed);
            first.handler.store(called_after_drop as *mut (), Ordering::Relaxed);
            *made.claimed[run * made.slots_per_run() / BITS].get_mut() |= 1 << (run * made.slots_per_run() % BITS);
        }
        *made.free.get_mut() = Mapped::RUNS * (made.slots_per_run() - 1);
        if let Err(error) = made.protect(true) {
            // SAFETY: it was allocated above with this layout, and no other thread has seen it.
            unsafe { dealloc(region.as_ptr().cast(), Self::LAYOUT) };
            return Err(error);
        }
        core::mem::forget(mapping);
        let copies = if *made.open.get_mut() == 1 { Copies::First } else { Copies::All };
        Mapped::seal(made.start, copies);
        NEWEST[table.number()].store(region.as_ptr(), Ordering::Release);
        Ok(())
    }

    fn slots_per_run(&self) -> usize {
        RUN_BYTES / POOLS[self.table.number()].supply().stride()
    }

    /// The slot that belongs to a bit. The first slot of a run leads from the run's slots to this record.
    fn slot(&self, index: usize) -> NonNull<Slot> {
        let (run, slot) = (index / self.slots_per_run(), index % self.slots_per_run());
        let supply = POOLS[self.table.number()].supply();
        let slot = supply.start(self.start, run).wrapping_byte_add(slot * supply.stride());
        // SAFETY: the slot is in a region, and no region is at the address 0.
        unsafe { NonNull::new_unchecked(slot) }
    }

    fn index(&self, slot: NonNull<Slot>) -> usize {
        (0..Mapped::RUNS)
            .map(|run| run * self.slots_per_run())
            .find(|&first| self.slot(first).as_ptr() == start_of(slot))
            .map_or(0, |first| {
                let bytes = slot.addr().get() % RUN_BYTES;
                first + bytes / POOLS[self.table.number()].supply().stride()
            })
    }

    /// Takes a free slot, if there is one.
    fn take(&self) -> Result<Option<NonNull<Slot>>, Error> {
        if self.free.load(Ordering::Relaxed) == 0 {
            return Ok(None);
        }
        let (count, next) = (Mapped::RUNS * self.slots_per_run(), self.next.load(Ordering::Relaxed));
        let find = |mut indices: Range<usize>| indices.find(|&index| !self.is_claimed(index));
        let Some(mut index) = find(next..count).or_else(|| find(0..next)) else { return Ok(None) };
        if let Err(error) = self.open(index / self.slots_per_run()) {
            index = find(0..self.open.load(Ordering::Relaxed) * self.slots_per_run()).ok_or(error)?;
        }
        self.next.store(index + 1, Ordering::Relaxed);
        self.flip(index);
        self.free.store(self.free.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
        Ok(Some(self.slot(index)))
    }

    /// Opens a run if it is not open yet. Slots are taken in order, so the caller asks only for an open run or for the
    /// first one that is not.
    fn open(&self, run: usize) -> Result<(), Error> {
        if run >= self.open.load(Ordering::Relaxed) {
            let supply = POOLS[self.table.number()].supply();
            // SAFETY: it is one of the region's runs. Only the owner of the lock opens runs, and this one was not open.
            unsafe { supply.open(supply.header(self.start, run)) }?;
            self.open.store(run + 1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn give(&self, slot: NonNull<Slot>) {
        self.flip(self.index(slot));
        self.free.store(self.free.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn is_claimed(&self, index: usize) -> bool {
        self.claimed[index / BITS].load(Ordering::Relaxed) >> (index % BITS) & 1 != 0
    }

    fn flip(&self, index: usize) {
        self.claimed[index / BITS].fetch_xor(1 << (index % BITS), Ordering::Relaxed);
    }

    /// Makes all slots read-only, or writable.
    fn protect(&self, read_only: bool) -> Result<(), Error> {
        let code = core::ptr::with_exposed_provenance_mut(self.start.wrapping_sub(arch::distance()));
        NonNull::new(code).map_or(Ok(()), |code| map::protect(code, read_only)).map_err(Error::Protect)
    }
}

/// A region whose slots may be written, until this is dropped.
pub(crate) struct Window {
    region: &'static Region,
    _lock: Lock,
}

impl Window {
    fn open(region: &'static Region, lock: Lock) -> Result<Self, Error> {
        region.protect(false)?;
        Ok(Self { region, _lock: lock })
    }

    /// Drops the window. The name makes the place visible.
    pub(crate) fn close(self) {
        drop(self);
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // The system allowed this a moment ago. If it refuses now, the region stays as writable as other regions are.
        let _ = self.region.protect(true);
    }
}

/// Claims a protected slot for a handler that finds it in `place`. The caller can bind it while the window is open. No
/// protected trampoline may be created or dropped in the meantime.
pub(crate) fn claim(handler: *const (), place: Place) -> Result<(NonNull<Slot>, Window), Error> {
    let lock = Lock::take();
    let (region, slot) = loop {
        let mut refused = Ok(());
        let mut take = |region: &'static Region| {
            region.take().unwrap_or_else(|error| {
                refused = Err(error);
                None
            })
        };
        match regions(of(place)).find_map(|region| Some((region, take(region)?))) {
            Some(taken) => break taken,
            // A region may never be able to open its next run, although a new region works: after a `fork` in the middle of
            // the opening, the copy is there and sealed, and the record does not say so.
            None => Region::publish(of(place), &lock).map_err(|error| refused.err().unwrap_or(error))?,
        }
    };
    // `Window::open` would drop the lock before the slot is given back.
    region.protect(false).inspect_err(|_| region.give(slot))?;
    let window = Window { region, _lock: lock };
    // SAFETY: the slot was just claimed from the place's table, nothing else has it, and the window makes it writable.
    unsafe { lead(slot, place, handler) };
    Ok((slot, window))
}

/// Releases a protected slot. Fails if the system forbids writing to it, for example by a filter that was installed
/// later.
///
/// # Safety
/// The slot came from [`claim`] and has no owner any more.
pub(crate) unsafe fn release(slot: NonNull<Slot>) -> bool {
    // SAFETY: `claim` returned the slot, so it is in a protected region, which is never unmapped. The words are
    // atomics.
    let region = unsafe { &*start_of(slot) }.context.load(Ordering::Relaxed).cast::<Region>();
    // SAFETY: the first slot of each run of a protected region leads to the region's record, which is never freed.
    let region = unsafe { &*region };
    let Ok(window) = Window::open(region, Lock::take()) else { return false };
    // SAFETY: the slot is never unmapped, and is writable while the window is open.
    unsafe { slot.as_ref() }.handler.store(called_after_drop as *mut (), Ordering::Relaxed);
    window.region.give(slot);
    true
}

/// Counts the protected slots.
pub(super) fn census(slots: &mut Slots) -> usize {
    let all = || Table::all().flat_map(regions);
    for region in all() {
        let free = region.free.load(Ordering::Relaxed);
        slots.free += free;
        slots.live += Mapped::RUNS * (region.slots_per_run() - 1) - free;
    }
    all().count()
}

/// The number of the process that has a window open, or 0.
static HOLDER: AtomicUsize = AtomicUsize::new(0);

struct Lock(());

impl Lock {
    fn take() -> Self {
        let this = process::id() as usize;
        loop {
            // The number of another process came along by `fork`. The thread that would give the lock back does not
            // exist here.
            let free = Some(HOLDER.load(Ordering::Relaxed)).filter(|&holder| holder != this);
            if free
                .is_some_and(|free| HOLDER.compare_exchange(free, this, Ordering::Acquire, Ordering::Relaxed).is_ok())
            {
                return Self(());
            }
            thread::yield_now();
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        HOLDER.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;
    use crate::Trampoline;

    type Add = unsafe extern "C" fn(u64) -> u64;
    /// Its slot is on the stack on every processor.
    type Wide = unsafe extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64) -> u64;

    #[cfg(windows)]
    use crate::map::is_writable;

    #[cfg(not(windows))]
    fn is_writable(address: usize) -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc");
        let range = |line: &str| {
            let (range, rest) = line.split_once(' ')?;
            let (start, end) = range.split_once('-')?;
            let bounds = [start, end].map(|bound| usize::from_str_radix(bound, 16).expect("hexadecimal"));
            Some((bounds, rest.as_bytes()[1] == b'w'))
        };
        let found = maps.lines().filter_map(range).find(|([start, end], _)| (*start..*end).contains(&address));
        found.expect("mapped").1
    }

    /// How long a slot rests depends on what is released meanwhile.
    fn alone() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(entry: *const ()) -> usize {
        entry.addr().wrapping_add(arch::distance())
    }

    #[test]
    fn slots_are_read_only_while_they_are_bound_and_afterwards() {
        let _alone = alone();
        let counter = AtomicU64::new(0); // one word that changes: it must not lie in the slot
        let count = Trampoline::<Add>::protected(move |n| counter.fetch_add(n, Ordering::Relaxed)).expect("a slot");
        let entry = count.as_fn() as *const ();
        // SAFETY: live.
        assert_eq!([(); 3].map(|()| unsafe { count.as_fn()(2) }), [0, 2, 4]);
        assert!(!is_writable(slot(entry)));
        drop(count);
        assert!(!is_writable(slot(entry)));
    }

    #[test]
    fn slots_on_the_stack_are_protected_as_well() {
        let _alone = alone();
        let more = [1; 40];
        let sum = move |a, b, c, d, e, f, g, h, i, j| more.iter().sum::<u64>() + a + b + c + d + e + f + g + h + i + j;
        let sum = Trampoline::<Wide>::protected(sum).expect("a slot");
        // SAFETY: live.
        assert_eq!(unsafe { sum.as_fn()(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) }, 95);
        assert!(!is_writable(slot(sum.as_fn() as *const ())));
    }

    #[test]
    fn many_live_and_their_slots_are_used_again() {
        let _alone = alone();
        let count = 2 * Mapped::RUNS * RUN_BYTES / arch::THUNK_BYTES; // more than two regions hold
        let create = |number: u64| {
            let dropped = Box::new(number);
            Trampoline::<Add>::protected(move |n| n + *dropped).expect("a slot")
        };
        let check = |all: &[Trampoline<Add>]| {
            // SAFETY: live.
            assert!(all.iter().zip(0..).all(|(one, number)| unsafe { one.as_fn()(1) } == number + 1));
        };
        let all: Vec<_> = (0..count as u64).map(create).collect();
        check(&all);
        let mut entries: Vec<_> = all.iter().map(|one| one.as_fn() as usize).collect();
        entries.sort_unstable();
        entries.dedup();
        assert_eq!(entries.len(), count);
        let table = regions_of(slot(entries[0] as *const ()));
        let before = regions(table).count();
        drop(all);
        let all: Vec<_> = (0..count as u64).map(create).collect();
        check(&all);
        assert_eq!(regions(table).count(), before);
    }

    /// What the slots of a region take, those of other tables included.
    const SLOTS_BYTES: usize = arch::COPIES * arch::COPY_BYTES;

    fn regions_of(slot: usize) -> Table {
        Table::all()
            .find(|&table| regions(table).any(|region| (region.start..region.start + SLOTS_BYTES).contains(&slot)))
            .expect("in a region")
    }

    #[test]
    fn a_released_slot_holds_the_poison_and_rests() {
        let _alone = alone();
        let create = || Trampoline::<Add>::protected(|n| n).expect("a slot");
        let first = create();
        let address = slot(first.as_fn() as *const ());
        drop(first);
        let slot_words = core::ptr::with_exposed_provenance::<Slot>(address);
        for _ in 0..64 {
            assert_ne!(slot(create().as_fn() as *const ()), address);
        }
        // SAFETY: slots are never unmapped, and atomic.
        assert_eq!(unsafe { &*slot_words }.handler.load(Ordering::Relaxed), called_after_drop as *mut ());
    }

    /// Makes what a `fork` leaves if another thread was opening a run: the copy is there, and the record does not say so. This
    /// runs in its own process, because the region stays so.
    #[test]
    fn a_run_that_cannot_be_opened_is_done_without() {
        const CHILD: &str = "TRAMP_TEST_CHILD";
        let name = "a_run_that_cannot_be_opened_is_done_without";
        if std::env::var_os(CHILD).is_none() {
            let child = crate::alone::alone(module_path!(), name).env(CHILD, "1").output().expect("a child process");
            let said = String::from_utf8_lossy(&child.stdout); // the harness writes there
            assert!(child.status.success() && said.contains("1 passed"), "{}", String::from_utf8_lossy(&child.stderr));
            return;
        }
        let create = || Trampoline::<Add>::protected(|n| n + 1).expect("a slot");
        let first = create();
        let freed = slot(first.as_fn() as *const ());
        let region = regions(regions_of(freed)).next().expect("a region");
        let supply = POOLS[region.table.number()].supply();
        let others: Vec<_> = (3..region.slots_per_run()).map(|_| create()).collect(); // the header takes one
        if region.open.load(Ordering::Relaxed) == 1 {
            // SAFETY: the first run that is not open yet. No other thread is here.
            unsafe { supply.open(supply.header(region.start, 1)) }.expect("a copy");
        }
        if region.open(1).is_ok() {
            println!("{name}: skipped, copies are not sealed or all made at once");
            return;
        }
        let last = create();
        drop(first);
        let again = create();
        assert_eq!(slot(again.as_fn() as *const ()), freed, "there is a slot in the open run");
        let elsewhere = create();
        assert_eq!(regions(region.table).count(), 2);
        for one in [&last, &again, &elsewhere].into_iter().chain(&others) {
            // SAFETY: live.
            assert_eq!(unsafe { one.as_fn()(1) }, 2);
        }
    }

    #[test]
    fn threads_create_call_and_drop_beside_each_other() {
        let _alone = alone();
        thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for number in 0..500 {
                        let add = Trampoline::<Add>::protected(move |n| n + number * thread).expect("a slot");
                        // SAFETY: live.
                        assert_eq!(unsafe { add.as_fn()(1) }, number * thread + 1);
                    }
                });
            }
        });
    }
}
