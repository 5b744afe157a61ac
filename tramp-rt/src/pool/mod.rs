//! Pools: who may touch a slot when. The only concurrent code of the crate, and it sees slots, not mappings.
//!
//! ```text
//!              claim ◀── resting (FIFO) ◀── release              one thread's cache: no atomics
//!                ▲          │ when long            \
//!                │          ▼                       ╲ thread exit
//!                ├───── freed: one stack ◀───────────┘            lock-free, shared
//!                │
//!                └───── run ◀── fresh: next run of the newest region ◀── a new region
//! ```
//!
//! Free slots are linked through their `context`. A released slot *rests*: it is claimed again only after
//! [`QUARANTINE`] others were released behind it on the same thread, so that a call which comes a little late finds the
//! poison. Slots are never unmapped, therefore a thread that lost a race may still read a link that is no longer one;
//! it will not act on it.
//!
//! There is no lock anywhere, so a `fork` at any moment leaves the child with a working pool. It lacks the slots in the
//! caches of threads that did not come along.

mod cache;
#[cfg(all(test, loom))]
mod model;
mod stack;

use core::ptr::NonNull;

pub(crate) use self::cache::Cache;
use self::stack::Stack;
use crate::error::Error;
use crate::misuse::called_after_drop;
use crate::slot::{Slot, State};
use crate::sync::{AtomicUsize, Ordering};

/// How many slots a thread releases before it claims the first of them again.
pub(crate) const QUARANTINE: usize = if cfg!(loom) { 1 } else { 64 };

/// How many more may rest in a thread's cache before as many go to the shared stack.
pub(crate) const SURPLUS: usize = if cfg!(loom) { 1 } else { 64 };

/// Where a pool's slots come from. Implemented by tables, and by a model's mock.
pub(crate) trait Supply {
    /// How many runs a region has.
    const RUNS: usize;
    /// A new region, by an address with zeros where a number up to `RUNS` fits.
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
    fn keep(&self, region: usize);
    /// The slots of run `index`, taken for the first and only time.
    ///
    /// # Safety
    /// `region` came from [`region`](Self::region), `index` is below `RUNS`, and no one else takes this run.
    unsafe fn run(&self, region: usize, index: usize) -> Run;
}

/// Slots that were never used: `left` of them, `stride` bytes apart.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) next: *mut Slot,
    pub(crate) left: usize,
    pub(crate) stride: usize,
}

impl Run {
    const EMPTY: Self = Self { next: core::ptr::null_mut(), left: 0, stride: 0 };

    fn take(&mut self) -> Option<NonNull<Slot>> {
        self.left = self.left.checked_sub(1)?;
        let slot = NonNull::new(self.next)?;
        self.next = self.next.wrapping_byte_add(self.stride);
        Some(slot)
    }
}

/// The slots of one kind.
pub(crate) struct Pool<S> {
    freed: Stack,
    /// The newest region's address, plus how many of its runs are taken. 0 while there is none.
    fresh: AtomicUsize,
    supply: S,
}

impl<S: Supply> Pool<S> {
    /// The bits of `fresh` that count runs.
    const COUNT_MASK: usize = (S::RUNS + 1).next_power_of_two() - 1;

    #[cfg(not(loom))]
    pub(crate) const fn new(supply: S) -> Self {
        Self { freed: Stack::new(), fresh: AtomicUsize::new(0), supply }
    }

    #[cfg(loom)]
    pub(crate) fn new(supply: S) -> Self {
        Self { freed: Stack::new(), fresh: AtomicUsize::new(0), supply }
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
            if let Some(slot) = self.freed.pop() {
                return Ok(slot);
            }
            match self.fresh_run() {
                Ok(run) => cache.run = run,
                // Better a slot that has not rested for long than none.
                Err(error) => return cache.pop().ok_or(error),
            }
            if let Some(slot) = cache.run.take() {
                return Ok(slot);
            }
        }
    }

    /// Takes a slot back. A call of its thunk finds the poison from now on.
    ///
    /// # Safety
    /// The slot was claimed from this pool and has no owner any more.
    #[inline]
    pub(crate) unsafe fn release(&self, slot: NonNull<Slot>, cache: &mut Cache) {
        // SAFETY: slots are never unmapped.
        unsafe { slot.as_ref() }.handler.store(self.supply.poison(), Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { self.rest(slot, cache) }
    }

    /// As [`release`](Self::release), of a slot that holds the poison already.
    ///
    /// # Safety
    /// As `release`.
    #[inline]
    pub(crate) unsafe fn rest(&self, slot: NonNull<Slot>, cache: &mut Cache) {
        cache.push(slot);
        if cache.resting > QUARANTINE + SURPLUS {
            self.share(cache);
        }
    }

    /// Gives the oldest of what rests in a cache to the other threads.
    #[cold]
    fn share(&self, cache: &mut Cache) {
        let oldest = cache.oldest;
        let mut last = cache.oldest;
        for _ in 0..SURPLUS {
            last = cache.oldest;
            cache.pop();
        }
        if let (Some(oldest), Some(last)) = (NonNull::new(oldest), NonNull::new(last)) {
            self.freed.push(oldest, last);
        }
    }

    /// Gives all that a cache holds to the other threads.
    pub(crate) fn flush(&self, cache: &mut Cache) {
        self.take_all(cache);
        if let (Some(oldest), Some(newest)) = (NonNull::new(cache.oldest), NonNull::new(cache.newest)) {
            self.freed.push(oldest, newest);
        }
        *cache = Cache::EMPTY;
    }

    /// Puts slots in stock: `count` are free afterwards, besides those in any thread's cache, unless other threads take
    /// them meanwhile.
    #[cold]
    pub(crate) fn reserve(&self, count: usize) -> Result<(), Error> {
        /// What was gathered goes into stock also if there is not enough of it.
        struct Stock<'a, S: Supply>(&'a Pool<S>, Cache);
        impl<S: Supply> Drop for Stock<'_, S> {
            fn drop(&mut self) {
                self.0.flush(&mut self.1);
            }
        }
        let mut stock = Stock(self, Cache::EMPTY);
        while stock.1.resting < count {
            if let Some(slot) = self.freed.pop() {
                stock.1.push(slot);
            } else {
                stock.1.run = self.fresh_run()?;
                self.take_all(&mut stock.1);
            }
        }
        Ok(())
    }

    /// Has the rest of a cache's run rest with the others.
    fn take_all(&self, cache: &mut Cache) {
        while let Some(slot) = cache.run.take() {
            // SAFETY: slots are never unmapped; this one is fresh and nobody's.
            unsafe { slot.as_ref() }.handler.store(self.supply.poison(), Ordering::Relaxed);
            cache.push(slot);
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

    fn fresh_run(&self) -> Result<Run, Error> {
        loop {
            let fresh = self.fresh.load(Ordering::Acquire);
            let (region, taken) = (fresh & !Self::COUNT_MASK, fresh & Self::COUNT_MASK);
            if region != 0 && taken < S::RUNS {
                if self.fresh.compare_exchange(fresh, fresh + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    // SAFETY: a published region; the exchange gave this run to no one else.
                    return Ok(unsafe { self.supply.run(region, taken) });
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
                self.supply.keep(region);
                // SAFETY: the region is new, and its first run was taken in the act of publishing it.
                return Ok(unsafe { self.supply.run(region, 0) });
            }
            // Another thread was faster. Its region has room for this one too.
            // SAFETY: made above and shown to no one.
            unsafe { self.supply.discard(region) };
        }
    }
}
