//! Pools: who may touch a slot when. The only concurrent code of the crate, and it sees slots, not mappings.
//!
//! ```text
//!              claim ◀── resting (FIFO) ◀── release                one thread's cache: no atomics
//!                ▲           │ when long
//!                ├── stock   │
//!                │     ▲     ▼
//!                │   lists of free slots, one in each thread's home       shared, no lock
//!                │
//!                └── run ◀── fresh: next run of the newest region ◀── a new region
//! ```
//!
//! Free slots are linked through their `context`. A released slot *rests*: it is claimed again only after
//! [`QUARANTINE`] others were released behind it on the same thread, so that a call which comes a little late finds the
//! poison. What rests beyond that comes home to the thread that took its run, see [`home`]. Nobody looks at the words of a
//! slot that another thread has.
//!
//! A thread that takes a run opens it: it asks the system for thunks that lead to the run's slots. No other thread has the run
//! at that time. If the system refuses, the run goes on the list of [`refused`] ones, and the next thread that needs a run
//! takes it from there.
//!
//! A thread takes a new run only if it found no list with slots in it. While another has one in hand, to keep a few slots
//! and put back the rest, a run may be taken in vain. That is a run more for this thread, which seldom has to look for the
//! slots of others then. Before it asks for a region it waits, but not for ever.
//!
//! There is no lock anywhere, so a `fork` at any moment leaves the child with a working pool. It lacks the slots in the
//! caches of threads that did not come along, and a list that one of them had in hand. What comes home to such a thread is
//! not lost: whoever finds nothing at home looks there.

mod cache;
mod free;
mod home;
#[cfg(all(test, loom))]
mod model;
mod refused;
#[cfg(all(test, not(loom)))]
mod tests;

use core::ptr::{NonNull, null_mut};

pub(crate) use self::cache::{Cache, QUARANTINE};
pub(crate) use self::free::Run;
use self::home::Homes;
pub(crate) use self::home::{Header, SURPLUS};
use self::refused::Refused;
use crate::error::Error;
use crate::misuse::called_after_drop;
use crate::slot::{Slot, State};
use crate::sync::{AtomicUsize, Ordering};

/// Where a pool's slots come from. Implemented by tables, and by a model's mock.
pub(crate) trait Supply {
    /// How many runs a region has.
    const RUNS: usize;
    /// A new region, by an address with zeros where a number up to `RUNS` fits. Its first run is open.
    fn region(&self) -> Result<usize, Error>;
    /// Takes back a region that no one has seen.
    ///
    /// # Safety
    /// `region` is fresh from [`region`](Self::region).
    unsafe fn discard(&self, region: usize);
    /// Notes in a region which one was the newest before it, 0 if none, for [`Pool::regions`].
    ///
    /// # Safety
    /// `region` is fresh from [`region`](Self::region), and no one has seen it.
    unsafe fn link(&self, region: usize, earlier: usize);
    /// What [`link`](Self::link) noted, or 0 if no one took the region's first run yet.
    ///
    /// # Safety
    /// `region` is one that was published.
    unsafe fn earlier(&self, region: usize) -> usize;
    /// The handler of free slots, which dies by name.
    #[inline]
    fn poison(&self) -> State {
        called_after_drop as State
    }
    /// A region is published: it stays for ever.
    fn published(&self, region: usize);
    /// The header of run `index`.
    ///
    /// # Safety
    /// `region` came from [`region`](Self::region) and was not discarded; `index` is below `RUNS`.
    unsafe fn header(&self, region: usize, index: usize) -> &'static Header;
    /// Whether all runs of a region are open.
    ///
    /// # Safety
    /// As for [`earlier`](Self::earlier).
    unsafe fn is_whole(&self, region: usize) -> bool;
    /// Opens a run of a region that is not whole. After that, there are thunks that lead to its slots. If it fails, the run
    /// is as it was.
    ///
    /// # Safety
    /// The caller must have taken the run, and the run must not be open.
    unsafe fn open(&self, run: &Header) -> Result<(), Error>;
    /// The slots of an open run. It is called once for each run.
    ///
    /// # Safety
    /// The caller must have taken the run.
    unsafe fn run(&self, run: &'static Header) -> Run;
    /// The header of a slot's run.
    fn header_of(&self, slot: NonNull<Slot>) -> &'static Header;
}

/// The slots of one kind.
pub(crate) struct Pool<S> {
    homes: Homes,
    /// The newest region's address, plus how many of its runs are taken. 0 while there is none.
    fresh: AtomicUsize,
    /// Runs that were taken and could not be opened.
    refused: Refused,
    supply: S,
}

impl<S: Supply> Pool<S> {
    /// The bits of `fresh` that count runs.
    const COUNT_MASK: usize = (S::RUNS + 1).next_power_of_two() - 1;

    #[cfg(not(loom))]
    pub(crate) const fn new(supply: S) -> Self {
        Self { homes: Homes::new(), fresh: AtomicUsize::new(0), refused: Refused::new(), supply }
    }

    #[cfg(loom)]
    pub(crate) fn new(supply: S) -> Self {
        Self { homes: Homes::new(), fresh: AtomicUsize::new(0), refused: Refused::new(), supply }
    }

    #[cfg(not(loom))]
    pub(crate) fn supply(&self) -> &S {
        &self.supply
    }

    /// A slot that no one else has.
    #[inline]
    pub(crate) fn claim(&self, cache: &mut Cache) -> Result<NonNull<Slot>, Error> {
        match cache.claim() {
            Some(slot) => Ok(slot),
            None => self.claim_shared(cache),
        }
    }

    #[cold]
    fn claim_shared(&self, cache: &mut Cache) -> Result<NonNull<Slot>, Error> {
        loop {
            if let Err(error) = self.refill(cache) {
                // Better a slot that has not rested for long than none.
                return cache.pop().ok_or(error);
            }
            if let Some(slot) = cache.claim() {
                return Ok(slot);
            }
        }
    }

    /// Gets slots for a cache that has none to hand out: what came home to its thread, or to another, or was never used.
    fn refill(&self, cache: &mut Cache) -> Result<(), Error> {
        cache.home = cache.home.or_else(|| self.homes.iter().find(|home| home.enter()));
        let mut found = self.homes.take(cache.home);
        // A run in vain does little harm, but for a region the system is asked, which may forbid it.
        let waits_first = !self.has_fresh_run();
        if found.is_none() && waits_first {
            found = self.homes.wait(cache.home);
        }
        if found.is_none() {
            let Err(error) = self.fresh_run(cache) else { return Ok(()) };
            // There was a run, and the system refused to open it.
            found = if waits_first { None } else { self.homes.wait(cache.home) };
            if found.is_none() {
                return Err(error);
            }
        }
        cache.stock = found.map_or(null_mut(), NonNull::as_ptr);
        Ok(())
    }

    /// Takes a slot back. A call of its thunk finds the poison from now on.
    ///
    /// # Safety
    /// The slot was claimed from this pool and has no owner any more.
    #[inline]
    pub(crate) unsafe fn release(&self, slot: NonNull<Slot>, cache: &mut Cache) {
        // SAFETY: slots are never unmapped.
        unsafe { slot.as_ref() }.handler.store(self.supply.poison(), Ordering::Relaxed);
        // SAFETY: claimed from this pool, without an owner: the conditions of `release`; and poisoned just now.
        unsafe { self.rest(slot, cache) }
    }

    /// As [`release`](Self::release), of a slot that holds the poison already.
    ///
    /// # Safety
    /// The slot was claimed from this pool and has no owner any more.
    #[inline]
    pub(crate) unsafe fn rest(&self, slot: NonNull<Slot>, cache: &mut Cache) {
        cache.push(slot);
        if cache.resting > QUARANTINE + SURPLUS {
            self.share(cache);
        }
    }

    /// Sends the oldest of what rests in a cache home.
    #[cold]
    #[inline(never)]
    fn share(&self, cache: &mut Cache) {
        let mut left = SURPLUS;
        while let Some(first) = NonNull::new(cache.oldest).filter(|_| left > 0) {
            // Mostly all have the same home.
            let (home, mut last) = (self.home_of(first), first);
            while let Some(slot) = NonNull::new(cache.oldest) {
                if left == 0 || !core::ptr::eq(self.home_of(slot), home) {
                    break;
                }
                cache.pop();
                last = slot;
                left -= 1;
            }
            home.push(first, last);
        }
    }

    fn home_of(&self, slot: NonNull<Slot>) -> &'static Header {
        self.supply.header_of(slot).home()
    }

    /// Gives all that a cache holds to the other threads.
    pub(crate) fn flush(&self, cache: &mut Cache) {
        let mut unrested = core::mem::replace(cache, Cache::EMPTY);
        let mut rested = Cache::EMPTY;
        self.gather(&mut unrested, &mut rested);
        for part in [&unrested, &rested] {
            if let (Some(oldest), Some(newest)) = (NonNull::new(part.oldest), NonNull::new(part.newest)) {
                unrested.home.unwrap_or_else(|| self.home_of(oldest)).push(oldest, newest);
            }
        }
        if let Some(home) = unrested.home {
            home.leave();
        }
    }

    /// Puts slots in stock: `count` are free afterwards, besides those in any thread's cache, unless other threads take
    /// them meanwhile.
    #[cold]
    pub(crate) fn reserve(&self, count: usize) -> Result<(), Error> {
        /// What was gathered goes into stock also if there is not enough of it.
        struct Stock<'a, S: Supply> {
            pool: &'a Pool<S>,
            source: Cache,
            gathered: Cache,
        }
        impl<S: Supply> Drop for Stock<'_, S> {
            fn drop(&mut self) {
                self.pool.flush(&mut self.gathered);
                self.pool.flush(&mut self.source);
            }
        }
        let mut stock = Stock { pool: self, source: Cache::EMPTY, gathered: Cache::EMPTY };
        while stock.gathered.resting < count {
            self.refill(&mut stock.source)?;
            self.gather(&mut stock.source, &mut stock.gathered);
        }
        Ok(())
    }

    /// Has what a cache could hand out rest in another.
    fn gather(&self, from: &mut Cache, to: &mut Cache) {
        while let Some(slot) = from.draw() {
            to.push(slot);
        }
        while let Some(slot) = from.run.take() {
            // SAFETY: slots are never unmapped; this one is fresh and nobody's.
            unsafe { slot.as_ref() }.handler.store(self.supply.poison(), Ordering::Relaxed);
            to.push(slot);
        }
    }

    /// The regions, newest first, each with how many of its runs are taken.
    #[cfg_attr(loom, allow(dead_code, reason = "for reports"))]
    pub(crate) fn regions(&self) -> impl Iterator<Item = (usize, usize)> {
        let fresh = self.fresh.load(Ordering::Acquire);
        let newest = (fresh & !Self::COUNT_MASK, fresh & Self::COUNT_MASK);
        let exists = |&(region, _): &(usize, usize)| region != 0;
        core::iter::successors(Some(newest).filter(exists), move |&(region, _)| {
            // SAFETY: a published region.
            Some((unsafe { self.supply.earlier(region) }, S::RUNS)).filter(exists)
        })
    }

    /// Takes a run that was never used. A thread's first is its home.
    fn fresh_run(&self, cache: &mut Cache) -> Result<(), Error> {
        let (header, run) = self.take_run()?;
        header.belong_to(cache.home.unwrap_or(header));
        if cache.home.is_none() {
            self.homes.add(header);
            cache.home = Some(header);
        }
        cache.run = run;
        Ok(())
    }

    /// Whether there was a run a moment ago that no thread had taken.
    fn has_fresh_run(&self) -> bool {
        let fresh = self.fresh.load(Ordering::Relaxed);
        fresh != 0 && fresh & Self::COUNT_MASK < S::RUNS
    }

    fn take_run(&self) -> Result<(&'static Header, Run), Error> {
        if let Some(run) = self.refused.take() {
            return self.open(run);
        }
        loop {
            let fresh = self.fresh.load(Ordering::Acquire);
            let (region, taken) = (fresh & !Self::COUNT_MASK, fresh & Self::COUNT_MASK);
            if region != 0 && taken < S::RUNS {
                if self.fresh.compare_exchange(fresh, fresh + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    // SAFETY: a published region, and `taken` is below its number of runs.
                    let run = unsafe { self.supply.header(region, taken) };
                    // SAFETY: a published region.
                    if !unsafe { self.supply.is_whole(region) } {
                        return self.open(run);
                    }
                    // SAFETY: the exchange gave the run to this thread alone, and every run of the region is open.
                    return Ok((run, unsafe { self.supply.run(run) }));
                }
                continue;
            }
            let region = match self.supply.region() {
                Ok(region) => region,
                // Perhaps another thread got the last that there was, and it has room for this one.
                Err(error) if self.fresh.load(Ordering::Acquire) == fresh => return Err(error),
                Err(_) => continue,
            };
            debug_assert_eq!(region & Self::COUNT_MASK, 0);
            // SAFETY: made above and shown to no one.
            unsafe { self.supply.link(region, fresh & !Self::COUNT_MASK) };
            if self.fresh.compare_exchange(fresh, region + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                self.supply.published(region);
                // SAFETY: a published region, and every region has a first run.
                let run = unsafe { self.supply.header(region, 0) };
                // SAFETY: the first run of a new region is open. The exchange that published the region took this run.
                return Ok((run, unsafe { self.supply.run(run) }));
            }
            // Another thread was faster. Its region has room for this one too.
            // SAFETY: made above and shown to no one.
            unsafe { self.supply.discard(region) };
        }
    }

    /// Opens a run that this thread has taken. If the system refuses, the next thread that needs a run tries again with it.
    fn open(&self, run: &'static Header) -> Result<(&'static Header, Run), Error> {
        // SAFETY: the caller has taken the run, and nobody has opened it.
        if let Err(error) = unsafe { self.supply.open(run) } {
            self.refused.put(run);
            return Err(error);
        }
        // SAFETY: the caller has taken the run, and it is open now.
        Ok((run, unsafe { self.supply.run(run) }))
    }
}
