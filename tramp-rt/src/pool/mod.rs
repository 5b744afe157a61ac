//! Pools decide who may touch a slot when. This is the only concurrent code of the crate, and it sees slots, not
//! mappings.
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
//! Free slots are linked through their `context`. A released slot *rests*: the thread claims it again only after it has
//! released [`QUARANTINE`] other slots. So a call that comes a little late finds the poison. If more slots rest, the
//! oldest go home to the thread that took their run; see [`home`]. No thread reads the words of a slot that another
//! thread has.
//!
//! A thread that takes a run opens it: it asks the system for thunks that lead to the run's slots. No other thread has
//! the run at that time. If the system refuses, the run goes on the list of [`refused`] ones, and the next thread that
//! needs a run takes it from there.
//!
//! A thread takes a new run only if it finds no list with slots in it. Another thread may have such a list in hand at
//! that moment, because it keeps a few slots and puts back the rest. Then the first thread takes a run that it did not
//! need. That does no harm, because it seldom has to look for other threads' slots afterwards. Before a thread asks for
//! a region, it waits for such lists, but not without end.
//!
//! There is no lock, so a `fork` at any moment leaves the child with a working pool. The child lacks the slots in the
//! caches of threads that do not exist there, and a list that one of them had in hand. Slots that go home to such a
//! thread are not lost, because a thread that finds no slots in its own home looks into the other homes.

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

/// Where a pool's slots come from. Tables implement this, and so does a mock for the model.
pub(crate) trait Supply {
    /// How many runs a region has.
    const RUNS: usize;
    /// Makes a region, and returns its address. The address has zeros in the bits of any number up to `RUNS`. The first
    /// run is open.
    fn region(&self) -> Result<usize, Error>;
    /// Takes back a region that no other thread has seen.
    ///
    /// # Safety
    /// `region` comes from [`region`](Self::region), and nothing else was done with it.
    unsafe fn discard(&self, region: usize);
    /// Notes in a region which region was the newest before it, for [`Pool::regions`]. 0 means none.
    ///
    /// # Safety
    /// `region` comes from [`region`](Self::region), and no other thread has seen it.
    unsafe fn link(&self, region: usize, earlier: usize);
    /// Returns what [`link`](Self::link) noted, or 0 if no thread has taken the region's first run yet.
    ///
    /// # Safety
    /// `region` was published.
    unsafe fn earlier(&self, region: usize) -> usize;
    /// The handler of free slots. It ends the process with a message.
    #[inline]
    fn poison(&self) -> State {
        called_after_drop as State
    }
    /// Says that a region is published. It is never unmapped.
    fn published(&self, region: usize);
    /// The header of run `index`.
    ///
    /// # Safety
    /// `region` came from [`region`](Self::region) and was not discarded. `index` is below `RUNS`.
    unsafe fn header(&self, region: usize, index: usize) -> &'static Header;
    /// Whether all runs of a region are open.
    ///
    /// # Safety
    /// `region` was published.
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
    /// The newest region's address, plus the number of its runs that are taken. 0 before there is a region.
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

    /// Claims a slot that nothing else has.
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
                // A slot that has not rested for long is better than none.
                return cache.pop().ok_or(error);
            }
            if let Some(slot) = cache.claim() {
                return Ok(slot);
            }
        }
    }

    /// Gets slots for a cache that is empty: slots that came home to its thread or to another thread, or slots
    /// that were never used.
    fn refill(&self, cache: &mut Cache) -> Result<(), Error> {
        cache.home = cache.home.or_else(|| self.homes.iter().find(|home| home.enter()));
        let mut found = self.homes.take(cache.home);
        // A run that is not needed does little harm. If the thread needs a region, it asks the system, which may refuse.
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

    /// Takes a slot back. From now on, a call of its thunk finds the poison.
    ///
    /// # Safety
    /// The slot was claimed from this pool and has no owner any more.
    #[inline]
    pub(crate) unsafe fn release(&self, slot: NonNull<Slot>, cache: &mut Cache) {
        // SAFETY: slots are never unmapped.
        unsafe { slot.as_ref() }.handler.store(self.supply.poison(), Ordering::Relaxed);
        // SAFETY: the slot was claimed from this pool and has no owner: the conditions of `release`. It holds the
        // poison since the line above.
        unsafe { self.rest(slot, cache) }
    }

    /// Like [`release`](Self::release), for a slot that already holds the poison.
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

    /// Sends the oldest of the resting slots home.
    #[cold]
    #[inline(never)]
    fn share(&self, cache: &mut Cache) {
        let mut left = SURPLUS;
        while let Some(first) = NonNull::new(cache.oldest).filter(|_| left > 0) {
            // Mostly all of them have the same home.
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

    /// Gives all slots of a cache to the other threads.
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

    /// Puts slots in stock. Afterwards `count` slots are free, besides those in any thread's cache, unless other
    /// threads take them in the meantime.
    #[cold]
    pub(crate) fn reserve(&self, count: usize) -> Result<(), Error> {
        /// Puts what was gathered into stock, even if it is not enough.
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

    /// Moves all slots that a cache could give into another cache, where they rest.
    fn gather(&self, from: &mut Cache, to: &mut Cache) {
        while let Some(slot) = from.draw() {
            to.push(slot);
        }
        while let Some(slot) = from.run.take() {
            // SAFETY: slots are never unmapped. This one is fresh, and nothing else has it.
            unsafe { slot.as_ref() }.handler.store(self.supply.poison(), Ordering::Relaxed);
            to.push(slot);
        }
    }

    /// The regions, newest first, each with the number of its runs that are taken.
    #[cfg_attr(loom, allow(dead_code, reason = "for reports"))]
    pub(crate) fn regions(&self) -> impl Iterator<Item = (usize, usize)> {
        let fresh = self.fresh.load(Ordering::Acquire);
        let newest = (fresh & !Self::COUNT_MASK, fresh & Self::COUNT_MASK);
        let exists = |&(region, _): &(usize, usize)| region != 0;
        core::iter::successors(Some(newest).filter(exists), move |&(region, _)| {
            // SAFETY: only published regions come here.
            Some((unsafe { self.supply.earlier(region) }, S::RUNS)).filter(exists)
        })
    }

    /// Takes a run that was never used. A thread's first run is its home.
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
                    // SAFETY: the region is published, and `taken` is below its number of runs.
                    let run = unsafe { self.supply.header(region, taken) };
                    // SAFETY: the region is published.
                    if !unsafe { self.supply.is_whole(region) } {
                        return self.open(run);
                    }
                    // SAFETY: the exchange gave the run to this thread only, and every run of the region is open.
                    return Ok((run, unsafe { self.supply.run(run) }));
                }
                continue;
            }
            let region = match self.supply.region() {
                Ok(region) => region,
                // Perhaps another thread got the last region that was possible. It has room for this thread too.
                Err(error) if self.fresh.load(Ordering::Acquire) == fresh => return Err(error),
                Err(_) => continue,
            };
            debug_assert_eq!(region & Self::COUNT_MASK, 0);
            // SAFETY: it was made above, and no other thread has seen it.
            unsafe { self.supply.link(region, fresh & !Self::COUNT_MASK) };
            if self.fresh.compare_exchange(fresh, region + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                self.supply.published(region);
                // SAFETY: the region is published, and every region has a first run.
                let run = unsafe { self.supply.header(region, 0) };
                // SAFETY: the first run of a new region is open. The exchange that published the region took this run
                // for this thread.
                return Ok((run, unsafe { self.supply.run(run) }));
            }
            // Another thread was faster. Its region has room for this thread too. SAFETY: this region was made above,
            // and no other thread has seen it.
            unsafe { self.supply.discard(region) };
        }
    }

    /// Opens a run that this thread has taken. If the system refuses, the next thread that needs a run tries again with it.
    fn open(&self, run: &'static Header) -> Result<(&'static Header, Run), Error> {
        // SAFETY: the caller has taken the run, and nothing has opened it.
        if let Err(error) = unsafe { self.supply.open(run) } {
            self.refused.put(run);
            return Err(error);
        }
        // SAFETY: the caller has taken the run, and it is open now.
        Ok((run, unsafe { self.supply.run(run) }))
    }
}
