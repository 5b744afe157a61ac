//! The pool by itself, on memory of the heap. The tests count every slot.

use core::ptr::{NonNull, null_mut};
use std::alloc::{Layout, alloc_zeroed};
use std::cell::Cell;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::free::{join, link, next};
use super::{Cache, Header, Pool, QUARANTINE, Run, SURPLUS, Supply};
use crate::error::Error;
use crate::misuse::called_after_drop;
use crate::slot::{Slot, State};
use crate::sync::{AtomicUsize, Ordering};

const RUN_BYTES: usize = 4 << 10;
const SLOTS_PER_RUN: usize = (RUN_BYTES - size_of::<Header>()) / size_of::<Slot>();

/// Allows a number of regions and, if they are not whole, a number of open runs.
struct Memory {
    left: AtomicUsize,
    is_whole: bool,
    openings: AtomicUsize,
}

std::thread_local! {
    /// What another thread does while this one asks for a region.
    static MEANWHILE: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

impl Supply for Memory {
    const RUNS: usize = 4;

    fn region(&self) -> Result<usize, Error> {
        if let Some(meanwhile) = MEANWHILE.take() {
            meanwhile();
        }
        let one_less = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).map_err(|_| Error::NoPlace)?;
        let layout = Layout::from_size_align(Self::RUNS * RUN_BYTES, RUN_BYTES).expect("a layout");
        // SAFETY: the size is not zero. Like a real region, it is never freed.
        Ok(unsafe { alloc_zeroed(layout) }.expose_provenance())
    }

    unsafe fn discard(&self, _region: usize) {
        self.left.fetch_add(1, Ordering::Relaxed);
    }

    unsafe fn link(&self, region: usize, earlier: usize) {
        // SAFETY: `region` made it.
        unsafe { &*core::ptr::with_exposed_provenance::<Header>(region) }.note.store(earlier, Ordering::Relaxed);
    }

    unsafe fn earlier(&self, region: usize) -> usize {
        // SAFETY: `region` made it.
        unsafe { &*core::ptr::with_exposed_provenance::<Header>(region) }.note.load(Ordering::Relaxed) & !OPEN
    }

    fn published(&self, _region: usize) {}

    unsafe fn header(&self, region: usize, index: usize) -> &'static Header {
        // SAFETY: the header is in a region, which is never freed. A region begins as zeros, and zeros are a valid
        // header.
        unsafe { &*core::ptr::with_exposed_provenance(region + index * RUN_BYTES) }
    }

    unsafe fn is_whole(&self, _region: usize) -> bool {
        self.is_whole
    }

    unsafe fn open(&self, run: &Header) -> Result<(), Error> {
        assert!(!self.is_whole);
        let one_less = |left: usize| left.checked_sub(1);
        self.openings.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).map_err(|_| Error::NoPlace)?;
        assert_eq!(run.note.fetch_or(OPEN, Ordering::Relaxed) & OPEN, 0, "it is opened once");
        Ok(())
    }

    unsafe fn run(&self, run: &'static Header) -> Run {
        let start = core::ptr::with_exposed_provenance_mut::<Header>(core::ptr::from_ref(run).addr());
        Run { next: start.wrapping_add(1).cast(), left: SLOTS_PER_RUN, stride: size_of::<Slot>() }
    }

    fn header_of(&self, slot: NonNull<Slot>) -> &'static Header {
        // SAFETY: every slot of these tests is in such a run.
        unsafe { &*slot.as_ptr().map_addr(|address| address & !(RUN_BYTES - 1)).cast() }
    }
}

/// A bit of a header's note.
const OPEN: usize = 1;

fn pool(regions: usize) -> Pool<Memory> {
    Pool::new(Memory { left: AtomicUsize::new(regions), is_whole: true, openings: AtomicUsize::new(0) })
}

/// A pool whose runs are opened one by one. Besides the first run of each region, this many can be opened.
fn pool_of_runs(regions: usize, openings: usize) -> Pool<Memory> {
    Pool::new(Memory { left: AtomicUsize::new(regions), is_whole: false, openings: AtomicUsize::new(openings) })
}

const SLOTS_PER_REGION: usize = Memory::RUNS * SLOTS_PER_RUN;

fn claim(pool: &Pool<Memory>, cache: &mut Cache) -> NonNull<Slot> {
    let slot = pool.claim(cache).expect("a slot");
    use_it(slot);
    slot
}

/// Uses a slot as a closure does. Afterwards, both words have other values.
fn use_it(slot: NonNull<Slot>) {
    // SAFETY: slots are never unmapped.
    let slot = unsafe { slot.as_ref() };
    slot.context.store(core::ptr::without_provenance_mut(0xbad), Ordering::Relaxed);
    slot.handler.store(core::ptr::without_provenance_mut(0xbad), Ordering::Relaxed);
}

fn release(pool: &Pool<Memory>, cache: &mut Cache, slot: NonNull<Slot>) {
    // SAFETY: the caller claimed it and forgets it.
    unsafe { pool.release(slot, cache) }
}

/// All slots that can still be claimed. Each is different from the others.
fn exhaust(pool: &Pool<Memory>, cache: &mut Cache) -> HashSet<NonNull<Slot>> {
    let mut all = HashSet::new();
    while let Ok(slot) = pool.claim(cache) {
        use_it(slot);
        assert!(all.insert(slot), "a slot was handed out twice");
    }
    all
}

fn handler(slot: NonNull<Slot>) -> State {
    // SAFETY: slots are never unmapped.
    unsafe { slot.as_ref() }.handler.load(Ordering::Relaxed)
}

fn runs_taken(pool: &Pool<Memory>) -> usize {
    pool.regions().map(|(_, runs)| runs).sum()
}

#[test]
fn one_creates_and_another_drops_and_no_more_slots_are_taken() {
    let pool = pool(usize::MAX);
    let (mut creates, mut drops) = (Cache::EMPTY, Cache::EMPTY);
    for _ in 0..100 {
        for slot in [(); 2 * SURPLUS].map(|()| claim(&pool, &mut creates)) {
            release(&pool, &mut drops, slot);
        }
    }
    // The live slots, and the slots that either thread holds back.
    assert!(runs_taken(&pool) * SLOTS_PER_RUN <= 2 * SURPLUS + 2 * (QUARANTINE + SURPLUS) + SLOTS_PER_RUN);
    assert!(drops.home.is_none(), "a thread that claims nothing needs no home");
}

#[test]
fn no_slot_is_lost_on_its_way_home() {
    let pool = pool(2);
    let mut caches = [(); 3].map(|()| Cache::EMPTY);
    let count = 2 * SLOTS_PER_REGION;
    for round in 0..20 {
        // All slots of several homes, in an order that mixes the homes.
        let mut all: Vec<_> = (0..count / 2).map(|n| claim(&pool, &mut caches[n % 3])).collect();
        all.sort_by_key(|slot| slot.addr().get().wrapping_mul(round * 2 + 0x9e37_79b9).rotate_right(8));
        for (n, slot) in all.into_iter().enumerate() {
            release(&pool, &mut caches[n * n % 3], slot);
        }
    }
    for cache in &mut caches {
        pool.flush(cache);
    }
    let mut cache = Cache::EMPTY;
    assert_eq!(exhaust(&pool, &mut cache).len(), count);
}

#[test]
fn what_is_more_than_a_thread_needs_comes_home() {
    let pool = pool(usize::MAX);
    let (mut one, mut other, mut third) = (Cache::EMPTY, Cache::EMPTY, Cache::EMPTY);
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    for _ in 0..SLOTS_PER_RUN {
        of_one.push(claim(&pool, &mut one));
        of_other.push(claim(&pool, &mut other));
    }
    assert!(!core::ptr::eq(pool.home_of(of_one[0]), pool.home_of(of_other[0])));
    for (&a, &b) in of_one.iter().zip(&of_other) {
        release(&pool, &mut third, a);
        release(&pool, &mut third, b);
    }
    assert_eq!(runs_taken(&pool), 2);
    let claimed = SLOTS_PER_RUN - QUARANTINE - SURPLUS;
    for (cache, own) in [(&mut one, of_one), (&mut other, of_other)] {
        assert!((0..claimed).all(|_| own.contains(&claim(&pool, cache))), "a slot went to another home");
    }
    assert_eq!(runs_taken(&pool), 2);
}

#[test]
fn a_thread_that_ends_hands_on_its_home() {
    let pool = pool(usize::MAX);
    let mut first = Cache::EMPTY;
    let slots: HashSet<_> = (0..2 * SLOTS_PER_RUN).map(|_| claim(&pool, &mut first)).collect();
    let home = first.home.expect("a home");
    for &slot in &slots {
        release(&pool, &mut first, slot);
    }
    pool.flush(&mut first);
    for _ in 0..100 {
        let mut next = Cache::EMPTY;
        let taken: Vec<_> = (0..2 * SLOTS_PER_RUN).map(|_| claim(&pool, &mut next)).collect();
        assert!(core::ptr::eq(next.home.expect("a home"), home));
        assert!(taken.iter().all(|slot| slots.contains(slot)));
        for slot in taken {
            release(&pool, &mut next, slot);
        }
        pool.flush(&mut next);
    }
    assert_eq!(runs_taken(&pool), 2);
}

#[test]
fn whoever_finds_nothing_at_home_takes_what_came_home_to_others() {
    // The thread of a child process is like this: the slots of its parent's threads never come back to it.
    let pool = pool(1);
    let (mut gone, mut left) = (Cache::EMPTY, Cache::EMPTY);
    let all: Vec<_> = (0..SLOTS_PER_REGION).map(|_| claim(&pool, &mut gone)).collect();
    for slot in all {
        release(&pool, &mut left, slot);
    }
    assert_eq!(exhaust(&pool, &mut left).len(), SLOTS_PER_REGION);
}

#[test]
fn free_slots_hold_the_poison() {
    let pool = pool(1);
    let mut cache = Cache::EMPTY;
    let slot = claim(&pool, &mut cache);
    release(&pool, &mut cache, slot);
    assert_eq!(handler(slot), called_after_drop as State);
    // The rest of a run whose thread has ended, and the slots that were put in stock.
    pool.flush(&mut cache);
    pool.reserve(SLOTS_PER_REGION).expect("a region");
    let mut found = 0;
    while let Ok(slot) = pool.claim(&mut cache) {
        assert_eq!(handler(slot), called_after_drop as State);
        found += 1;
    }
    assert_eq!(found, SLOTS_PER_REGION);
}

#[test]
fn a_slot_rests_behind_as_many_others() {
    let pool = pool(usize::MAX);
    let mut cache = Cache::EMPTY;
    let first = claim(&pool, &mut cache);
    release(&pool, &mut cache, first);
    for _ in 0..QUARANTINE {
        let other = claim(&pool, &mut cache);
        assert_ne!(other, first);
        release(&pool, &mut cache, other);
    }
    assert_eq!(claim(&pool, &mut cache), first, "it has rested");
}

#[test]
fn when_there_is_no_more_a_slot_that_rests_is_better_than_none() {
    let pool = pool(1);
    let mut cache = Cache::EMPTY;
    let all = exhaust(&pool, &mut cache);
    assert_eq!(all.len(), SLOTS_PER_REGION);
    let slot = *all.iter().next().expect("a slot");
    release(&pool, &mut cache, slot);
    assert_eq!(pool.claim(&mut cache).ok(), Some(slot));
    assert!(pool.claim(&mut cache).is_err());
}

#[test]
fn a_list_that_another_thread_has_in_hand_is_waited_for_before_there_is_an_error() {
    let pool = pool(1);
    // All slots, in one list.
    pool.reserve(SLOTS_PER_REGION).expect("a region");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut cache = Cache::EMPTY;
                for _ in 0..2_000 {
                    let all: Vec<_> = (0..200).map(|_| claim(&pool, &mut cache)).collect();
                    for slot in all {
                        release(&pool, &mut cache, slot);
                    }
                }
                pool.flush(&mut cache);
            });
        }
    });
    let mut cache = Cache::EMPTY;
    assert_eq!(exhaust(&pool, &mut cache).len(), SLOTS_PER_REGION);
}

/// Every new region begins with such a claim, so the wait must end soon if there is nothing to wait for. Only if a
/// thread has disappeared with a list, it takes some 50 ms.
#[test]
fn nothing_is_waited_for_where_no_thread_has_a_list_in_hand() {
    let pool = pool(1);
    let mut cache = Cache::EMPTY;
    let all = exhaust(&pool, &mut cache);
    let begun = Instant::now();
    assert!((0..100).all(|_| pool.claim(&mut cache).is_err()));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(all.len(), SLOTS_PER_REGION);
}

/// This is the child of a `fork`, where the thread that had the list does not exist.
#[test]
fn a_list_that_went_away_is_waited_for_once() {
    let pool = pool(1);
    let mut cache = Cache::EMPTY;
    exhaust(&pool, &mut cache);
    pool.homes.in_hand.store(2, Ordering::Relaxed);
    for left in [1, 0, 0] {
        assert!(pool.claim(&mut cache).is_err());
        assert_eq!(pool.homes.in_hand.load(Ordering::Relaxed), left);
    }
}

#[test]
fn a_run_that_was_never_used_is_better_than_waiting() {
    let pool = pool(1);
    claim(&pool, &mut { Cache::EMPTY });
    pool.homes.in_hand.store(1, Ordering::Relaxed);
    for _ in 1..Memory::RUNS {
        claim(&pool, &mut { Cache::EMPTY });
        assert_eq!(pool.homes.in_hand.load(Ordering::Relaxed), 1, "it was waited for");
    }
    assert!(pool.claim(&mut { Cache::EMPTY }).is_err());
    assert_eq!(pool.homes.in_hand.load(Ordering::Relaxed), 0);
}

#[test]
fn the_oldest_go_home_and_the_others_rest() {
    let pool = pool(1);
    let mut cache = Cache::EMPTY;
    let slots: Vec<_> = (0..=QUARANTINE + SURPLUS).map(|_| claim(&pool, &mut cache)).collect();
    for &slot in &slots {
        release(&pool, &mut cache, slot);
    }
    assert_eq!(cache.resting(), QUARANTINE + 1);
    let rest: Vec<_> = core::iter::from_fn(|| cache.pop()).collect();
    assert_eq!(rest, slots[SURPLUS..]);
}

#[test]
fn a_thread_takes_a_part_of_a_list_and_leaves_the_rest() {
    let pool = pool(1);
    pool.reserve(SLOTS_PER_REGION).expect("a region");
    let (mut one, mut other) = (Cache::EMPTY, Cache::EMPTY);
    claim(&pool, &mut one);
    assert_eq!(1 + core::iter::from_fn(|| one.draw()).count(), SURPLUS);
    assert_eq!(exhaust(&pool, &mut other).len(), SLOTS_PER_REGION - SURPLUS);
}

#[test]
fn a_region_that_another_thread_publishes_meanwhile_is_used() {
    // There is one region, or each thread gets one of its own.
    for regions in [1, 2] {
        let pool: &'static Pool<Memory> = Box::leak(Box::new(pool(regions)));
        MEANWHILE.set(Some(Box::new(|| _ = claim(pool, &mut { Cache::EMPTY }))));
        let mut cache = Cache::EMPTY;
        claim(pool, &mut cache);
        assert_eq!(pool.regions().map(|(_, runs)| runs).collect::<Vec<_>>(), [2]);
        assert_eq!(pool.supply().left.load(Ordering::Relaxed), regions - 1, "one was given back");
    }
}

#[test]
fn every_region_is_found_from_the_newest() {
    let pool = pool(3);
    let mut cache = Cache::EMPTY;
    let slots = exhaust(&pool, &mut cache);
    let regions: Vec<_> = pool.regions().collect();
    assert!(regions.iter().all(|&(_, runs)| runs == Memory::RUNS));
    let bytes = Memory::RUNS * RUN_BYTES;
    let is_in =
        |slot: &NonNull<Slot>, &(region, _): &(usize, usize)| (region..region + bytes).contains(&slot.addr().get());
    assert!(slots.iter().all(|slot| regions.iter().any(|region| is_in(slot, region))));
    assert_eq!(regions.len(), 3);
}

#[test]
fn a_stock_that_is_too_small_is_kept() {
    let pool = pool(1);
    assert!(pool.reserve(SLOTS_PER_REGION + 1).is_err());
    assert_eq!(pool.supply().left.load(Ordering::Relaxed), 0);
    let mut cache = Cache::EMPTY;
    assert_eq!(exhaust(&pool, &mut cache).len(), SLOTS_PER_REGION);
}

#[test]
fn two_lists_are_one_whichever_is_longer() {
    for (one, other) in [(1, 1), (1, 5), (5, 1), (3, 4)] {
        let pool = pool(1);
        let mut cache = Cache::EMPTY;
        let mut list = |count| {
            (0..count).fold(None, |behind: Option<NonNull<Slot>>, _| {
                let slot = claim(&pool, &mut cache);
                link(slot).store(behind.map_or(null_mut(), |slot| slot.as_ptr().cast()), Ordering::Relaxed);
                Some(slot)
            })
        };
        let (first, second) = (list(one).expect("a list"), list(other).expect("a list"));
        let all: HashSet<_> = core::iter::successors(Some(join(first, second)), |&slot| next(slot)).collect();
        assert_eq!(all.len(), one + other);
    }
}

#[test]
fn a_run_that_was_refused_is_the_next_ones() {
    let pool = pool_of_runs(1, 1);
    let (mut one, mut other) = (Cache::EMPTY, Cache::EMPTY);
    // The first run, and the one that can be opened.
    for _ in 0..2 * SLOTS_PER_RUN {
        claim(&pool, &mut one);
    }
    for _ in 0..10 {
        assert!(pool.claim(&mut one).is_err());
        assert!(pool.claim(&mut other).is_err());
    }
    assert_eq!(runs_taken(&pool), 3, "no further run is taken while one is refused");
    pool.supply().openings.store(usize::MAX, Ordering::Relaxed);
    let mut all = exhaust(&pool, &mut other);
    all.extend(exhaust(&pool, &mut one));
    assert_eq!(all.len(), SLOTS_PER_REGION - 2 * SLOTS_PER_RUN, "none was lost");
}

#[test]
fn several_runs_that_were_refused_are_had_again() {
    let pool = pool_of_runs(1, 0);
    claim(&pool, &mut { Cache::EMPTY });
    // As if three threads failed at the same time.
    let refused = [1, 2, 3].map(|index| {
        let (region, taken) = pool.regions().next().expect("a region");
        assert_eq!(taken, index);
        pool.fresh.store(region + index + 1, Ordering::Relaxed);
        // SAFETY: it is a run of the region.
        unsafe { pool.supply.header(region, index) }
    });
    for run in refused {
        pool.refused.put(run);
    }
    let mut cache = Cache::EMPTY;
    assert!(pool.claim(&mut cache).is_err());
    pool.supply().openings.store(usize::MAX, Ordering::Relaxed);
    assert_eq!(exhaust(&pool, &mut cache).len(), 3 * SLOTS_PER_RUN);
    assert!(pool.refused.take().is_none());
}

#[test]
fn a_stock_is_of_open_runs() {
    let pool = pool_of_runs(2, usize::MAX);
    pool.reserve(SLOTS_PER_REGION + 1).expect("two regions");
    pool.supply().openings.store(0, Ordering::Relaxed);
    let mut cache = Cache::EMPTY;
    assert!((0..=SLOTS_PER_REGION).all(|_| pool.claim(&mut cache).is_ok()));
}

#[test]
fn what_rests_is_better_than_a_run_that_is_refused() {
    let pool = pool_of_runs(1, 0);
    let mut cache = Cache::EMPTY;
    let slots = exhaust(&pool, &mut cache);
    let slot = *slots.iter().next().expect("a slot");
    release(&pool, &mut cache, slot);
    assert_eq!(pool.claim(&mut cache).ok(), Some(slot));
}

#[test]
fn a_list_in_hand_is_waited_for_where_a_run_is_refused() {
    let pool = pool_of_runs(1, 0);
    let mut cache = Cache::EMPTY;
    exhaust(&pool, &mut cache);
    pool.homes.in_hand.store(2, Ordering::Relaxed);
    for left in [1, 0, 0] {
        assert!(pool.claim(&mut cache).is_err());
        assert_eq!(pool.homes.in_hand.load(Ordering::Relaxed), left);
    }
}
