//! Models of the pool, checked by loom in every interleaving: `ci/loom`.
//!
//! A slot's owner writes to a cell beside it, and loom watches the cell. So two owners at once are a data race, which
//! loom reports.

use core::ptr::NonNull;
use std::alloc::Layout;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Cache, Header, Pool, QUARANTINE, Run, SURPLUS, Supply};
use crate::error::Error;
use crate::misuse::called_after_drop;
use crate::slot::Slot;

/// A slot, and the cell that only its owner may touch.
#[repr(C, align(16))]
struct Watched {
    slot: Slot,
    owned: UnsafeCell<usize>,
}

/// A run, aligned to its size, so that the code finds the run of a slot.
#[repr(C, align(512))]
struct WatchedRun {
    header: Header,
    /// Whether there are thunks that lead to its slots. Loom watches that no two threads open it.
    is_open: UnsafeCell<bool>,
    slots: [Watched; SLOTS_PER_RUN],
}

const _: () = assert!(size_of::<WatchedRun>() == align_of::<WatchedRun>());

/// Regions of two runs of two slots, on the heap.
struct Heap {
    regions: AtomicUsize,
    discarded: AtomicUsize,
    /// How many regions there can be at once.
    limit: usize,
    /// How often opening a run fails.
    refusals: AtomicUsize,
}

const SLOTS_PER_RUN: usize = 2;

impl Supply for Heap {
    const RUNS: usize = 2;

    fn region(&self) -> Result<usize, Error> {
        if self.regions.fetch_add(1, Ordering::AcqRel) - self.discarded.load(Ordering::Acquire) >= self.limit {
            self.discarded.fetch_add(1, Ordering::AcqRel);
            return Err(Error::NoPlace);
        }
        // SAFETY: the size is not zero. Like a real region, it is never freed.
        let region = unsafe { std::alloc::alloc(Layout::new::<[WatchedRun; Self::RUNS]>()) }.cast::<WatchedRun>();
        let slot = || Watched { slot: Slot::new(), owned: UnsafeCell::new(0) };
        for run in 0..Self::RUNS {
            // SAFETY: the address is within the allocation.
            let run = unsafe { region.add(run) };
            let is_open = UnsafeCell::new(false);
            // SAFETY: the address is within the allocation.
            unsafe { run.write(WatchedRun { header: Header::new(), is_open, slots: [slot(), slot()] }) };
        }
        // SAFETY: it was written above, and no other thread has seen it.
        unsafe { &*region }.is_open.with_mut(|is_open| unsafe { *is_open = true });
        Ok(region.expose_provenance())
    }

    unsafe fn discard(&self, _region: usize) {
        self.discarded.fetch_add(1, Ordering::AcqRel);
    }

    unsafe fn link(&self, _region: usize, _earlier: usize) {}

    unsafe fn earlier(&self, _region: usize) -> usize {
        0
    }

    fn published(&self, _region: usize) {}

    unsafe fn header(&self, region: usize, index: usize) -> &'static Header {
        let run = core::ptr::with_exposed_provenance_mut::<WatchedRun>(region).wrapping_add(index);
        // SAFETY: `region` made it, and it is never freed.
        unsafe { &(*run).header }
    }

    unsafe fn is_whole(&self, _region: usize) -> bool {
        false
    }

    unsafe fn open(&self, run: &Header) -> Result<(), Error> {
        let one_less = |left: usize| left.checked_sub(1);
        if self.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return Err(Error::NoPlace);
        }
        // SAFETY: loom reports every other thread that is inside.
        watched_run(core::ptr::from_ref(run).addr()).is_open.with_mut(|is_open| unsafe {
            assert!(!*is_open, "it is opened once");
            *is_open = true;
        });
        Ok(())
    }

    unsafe fn run(&self, run: &'static Header) -> Run {
        let run = core::ptr::with_exposed_provenance_mut::<WatchedRun>(core::ptr::from_ref(run).addr());
        // SAFETY: every header of the model is in a run, and runs are never freed.
        let first = unsafe { (&raw mut (*run).slots).cast() };
        Run { next: first, left: SLOTS_PER_RUN, stride: size_of::<Watched>() }
    }

    fn header_of(&self, slot: NonNull<Slot>) -> &'static Header {
        &watched_run(slot.addr().get()).header
    }
}

/// The run in which an address is.
fn watched_run(address: usize) -> &'static WatchedRun {
    // SAFETY: every header and slot of the model is in a run, and runs are never freed.
    unsafe { &*core::ptr::with_exposed_provenance(address & !(size_of::<WatchedRun>() - 1)) }
}

fn pool() -> Arc<Pool<Heap>> {
    limited(usize::MAX)
}

fn limited(limit: usize) -> Arc<Pool<Heap>> {
    refusing(limit, 0)
}

fn refusing(limit: usize, refusals: usize) -> Arc<Pool<Heap>> {
    let (regions, discarded) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Arc::new(Pool::new(Heap { regions, discarded, limit, refusals: AtomicUsize::new(refusals) }))
}

/// Claims a slot and behaves as its only owner.
fn claim(pool: &Pool<Heap>, cache: &mut Cache) -> NonNull<Slot> {
    let slot = pool.claim(cache).expect("the heap has slots");
    own(slot);
    slot
}

fn own(slot: NonNull<Slot>) {
    // SAFETY: every slot of the model begins a `Watched`.
    let watched = unsafe { slot.cast::<Watched>().as_ref() };
    // SAFETY: loom reports every thread that writes in the meantime.
    watched_run(slot.addr().get()).is_open.with(|is_open| assert!(unsafe { *is_open }, "it is open"));
    // SAFETY: loom reports every other thread that is inside.
    watched.owned.with_mut(|owned| unsafe { *owned += 1 });
    watched.slot.context.store(core::ptr::without_provenance_mut(0xbad), Ordering::Relaxed);
}

fn release(pool: &Pool<Heap>, cache: &mut Cache, slot: NonNull<Slot>) {
    own(slot);
    // SAFETY: the caller claimed it and forgets it.
    unsafe { pool.release(slot, cache) };
}

/// A thread that claims a slot, releases it and ends.
fn thread_with_one_slot(pool: &Arc<Pool<Heap>>) -> thread::JoinHandle<()> {
    let pool = pool.clone();
    thread::spawn(move || {
        let mut cache = Cache::EMPTY;
        let slot = claim(&pool, &mut cache);
        release(&pool, &mut cache, slot);
        pool.flush(&mut cache);
    })
}

fn model(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn two_threads_never_own_the_same_fresh_slot() {
    model(|| {
        let pool = pool();
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                [claim(&pool, &mut cache).as_ptr().addr(), claim(&pool, &mut cache).as_ptr().addr()]
            })
        };
        let mut cache = Cache::EMPTY;
        let mut all = vec![claim(&pool, &mut cache).as_ptr().addr(), claim(&pool, &mut cache).as_ptr().addr()];
        all.extend(other.join().expect("no panic"));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
        // A thread that was too late with its region threw it away and took a run of the other thread's.
        let (made, discarded) =
            (pool.supply.regions.load(Ordering::Relaxed), pool.supply.discarded.load(Ordering::Relaxed));
        assert_eq!(made - discarded, 1);
    });
}

#[test]
fn freed_slots_go_from_thread_to_thread_one_owner_at_a_time() {
    model(|| {
        let pool = pool();
        let mut cache = Cache::EMPTY;
        for slot in [claim(&pool, &mut cache), claim(&pool, &mut cache)] {
            release(&pool, &mut cache, slot);
        }
        pool.flush(&mut cache); // two slots on the shared stack
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                // Pops, pushes back and pops again: the head that returns must not be taken for unchanged.
                let mut cache = Cache::EMPTY;
                let first = claim(&pool, &mut cache);
                let second = claim(&pool, &mut cache);
                release(&pool, &mut cache, first);
                pool.flush(&mut cache);
                release(&pool, &mut cache, second);
                pool.flush(&mut cache);
            })
        };
        let first = claim(&pool, &mut cache);
        let second = claim(&pool, &mut cache);
        assert_ne!(first, second);
        own(first);
        own(second);
        other.join().expect("no panic");
    });
}

#[test]
fn a_thread_that_ends_leaves_its_slots_to_the_others() {
    model(|| {
        let pool = pool();
        let other = thread_with_one_slot(&pool);
        other.join().expect("no panic");
        let mut cache = Cache::EMPTY;
        for _ in 0..SLOTS_PER_RUN {
            claim(&pool, &mut cache);
        }
        assert_eq!(pool.fresh.load(Ordering::Relaxed) % 4, 1, "no second run was begun");
    });
}

#[test]
fn a_released_slot_holds_the_poison_and_rests() {
    model(|| {
        let pool = pool();
        let mut cache = Cache::EMPTY;
        let first = claim(&pool, &mut cache);
        release(&pool, &mut cache, first);
        // SAFETY: slots are not unmapped.
        let handler = unsafe { first.as_ref() }.handler.load(Ordering::Relaxed);
        assert_eq!(handler, called_after_drop as *mut ());
        for _ in 0..QUARANTINE {
            let other = claim(&pool, &mut cache);
            assert_ne!(other, first);
            release(&pool, &mut cache, other);
        }
        assert_eq!(claim(&pool, &mut cache), first, "it has rested");
    });
}

#[test]
fn a_surplus_of_one_thread_serves_another() {
    model(|| {
        let pool = pool();
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                let slots: Vec<_> = (0..4).map(|_| claim(&pool, &mut cache)).collect();
                for slot in slots {
                    release(&pool, &mut cache, slot);
                }
                // There is no flush, as if the thread went on. Slots beyond its quarantine are shared already.
            })
        };
        let mut cache = Cache::EMPTY;
        let slot = claim(&pool, &mut cache);
        own(slot);
        other.join().expect("no panic");
        release(&pool, &mut cache, slot);
    });
}

#[test]
fn a_stock_is_there_for_whoever_claims() {
    model(|| {
        let pool = pool();
        let other = thread_with_one_slot(&pool);
        pool.reserve(3).expect("the heap has slots");
        other.join().expect("no panic");
        pool.reserve(3).expect("they are there");
        let fresh = pool.fresh.load(Ordering::Relaxed);
        let mut cache = Cache::EMPTY;
        let mut all = [(); 3].map(|()| claim(&pool, &mut cache).as_ptr().addr());
        all.sort_unstable();
        assert!(all[0] != all[1] && all[1] != all[2]);
        assert_eq!(pool.fresh.load(Ordering::Relaxed), fresh, "all were in stock");
    });
}

#[test]
fn when_nothing_more_can_be_had_every_slot_that_there_is_can_be_claimed() {
    model(|| {
        let pool = limited(1);
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                let slots = [pool.claim(&mut cache).ok(), pool.claim(&mut cache).ok()];
                pool.flush(&mut cache); // as the thread ends
                slots.into_iter().flatten().inspect(|&slot| own(slot)).count()
            })
        };
        // A claim may fail while the other thread has mapped the one region and not published it. But no slot is lost.
        let mut cache = Cache::EMPTY;
        let mut mine: Vec<_> = pool.claim(&mut cache).into_iter().collect();
        let others = other.join().expect("no panic");
        mine.extend(core::iter::from_fn(|| pool.claim(&mut cache).ok()));
        mine.iter().for_each(|&slot| own(slot));
        assert_eq!(mine.len() + others, Heap::RUNS * SLOTS_PER_RUN);
        // A resting slot is better than none.
        release(&pool, &mut cache, mine[0]);
        assert_eq!(claim(&pool, &mut cache), mine[0]);
    });
}

/// Claims until there are no more slots, and behaves as the only owner.
fn rest(pool: &Pool<Heap>, cache: &mut Cache) -> usize {
    core::iter::from_fn(|| pool.claim(cache).ok()).inspect(|&slot| own(slot)).count()
}

#[test]
fn what_another_thread_drops_comes_home() {
    model(|| {
        let pool = limited(1);
        let mut cache = Cache::EMPTY;
        let slots = [(); Heap::RUNS * SLOTS_PER_RUN].map(|()| claim(&pool, &mut cache).as_ptr().addr());
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                for slot in slots {
                    let slot = core::ptr::with_exposed_provenance_mut(slot);
                    release(&pool, &mut cache, NonNull::new(slot).expect("a slot"));
                }
                // There is no flush, as if the thread went on.
                cache.resting
            })
        };
        let first = pool.claim(&mut cache).ok().inspect(|&slot| own(slot)).into_iter().count();
        let resting = other.join().expect("no panic");
        assert_eq!(first + rest(&pool, &mut cache) + resting, slots.len());
        assert!(resting <= QUARANTINE + SURPLUS);
    });
}

#[test]
fn a_list_is_taken_and_put_back_while_others_push_and_take() {
    model(|| {
        let pool = limited(2);
        let mut cache = Cache::EMPTY;
        let [a, b, c, d] = [(); 4].map(|()| claim(&pool, &mut cache));
        let mut others = Cache::EMPTY;
        for slot in [a, b, c] {
            release(&pool, &mut others, slot);
        }
        pool.flush(&mut others); // three slots at home
        let d = d.as_ptr().addr();
        let pusher = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                let slot = NonNull::new(core::ptr::with_exposed_provenance_mut(d)).expect("a slot");
                release(&pool, &mut cache, slot);
                pool.flush(&mut cache);
            })
        };
        let taker = thread_with_one_slot(&pool);
        let slot = claim(&pool, &mut cache);
        release(&pool, &mut cache, slot);
        pusher.join().expect("no panic");
        taker.join().expect("no panic");
        pool.flush(&mut cache);
        assert_eq!(rest(&pool, &mut cache), 2 * Heap::RUNS * SLOTS_PER_RUN);
    });
}

#[test]
fn a_home_is_one_threads_at_a_time() {
    model(|| {
        let pool = pool();
        thread_with_one_slot(&pool).join().expect("no panic");
        let home = |pool: &Pool<Heap>, cache: &mut Cache| {
            claim(pool, cache);
            cache.home.map(|home| core::ptr::from_ref(home).addr())
        };
        let other = {
            let pool = pool.clone();
            thread::spawn(move || home(&pool, &mut { Cache::EMPTY }))
        };
        let mine = home(&pool, &mut { Cache::EMPTY });
        let others = other.join().expect("no panic");
        assert!(mine.is_some() || others.is_some());
        assert_ne!(mine, others);
    });
}

#[test]
fn a_run_that_was_refused_is_had_by_one_thread_and_not_lost() {
    model(|| {
        let pool = refusing(1, 1);
        let mut cache = Cache::EMPTY;
        claim(&pool, &mut cache); // of the first run, which is open
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                let slot = pool.claim(&mut cache).ok().inspect(|&slot| own(slot));
                pool.flush(&mut cache);
                slot.into_iter().count()
            })
        };
        // The other run is refused once, to one of the two threads.
        let mine = 1 + rest(&pool, &mut cache);
        let others = other.join().expect("no panic");
        assert_eq!(mine + others + rest(&pool, &mut cache), Heap::RUNS * SLOTS_PER_RUN);
    });
}

#[test]
fn several_runs_that_are_refused_at_once_are_had_again() {
    model(|| {
        let pool = refusing(2, 2);
        let mut cache = Cache::EMPTY;
        for _ in 0..SLOTS_PER_RUN {
            claim(&pool, &mut cache);
        }
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut cache = Cache::EMPTY;
                let slot = pool.claim(&mut cache).ok().inspect(|&slot| own(slot));
                pool.flush(&mut cache);
                slot.into_iter().count()
            })
        };
        let mine: Vec<_> = pool.claim(&mut cache).into_iter().collect();
        mine.iter().for_each(|&slot| own(slot));
        let others = other.join().expect("no panic");
        pool.supply.refusals.store(0, Ordering::Relaxed);
        let claimed = SLOTS_PER_RUN + mine.len() + others;
        assert_eq!(claimed + rest(&pool, &mut cache), 2 * Heap::RUNS * SLOTS_PER_RUN);
    });
}
