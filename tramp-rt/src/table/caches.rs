//! Each thread's share of the pools.
//!
//! The caches have a destructor, because they go back to the pools when the thread ends. They lie in a `RefCell`,
//! because a region is recorded on the heap, and a global allocator that uses trampolines may come back here. Each of
//! the two costs an access as much as the work on the cache. So a word beside the caches leads to them whenever nothing
//! borrows them and the thread is not ending. Code that finds the caches by this word does little, and calls nothing
//! that could come back.

use core::cell::{Cell, RefCell};
use core::ptr::{NonNull, null_mut};

use super::mapped::{Mapped, POOLS};
use crate::arch::geometry::Table;
use crate::pool::{Cache, Pool};
use crate::slot::Slot;

/// This thread's caches, one for each pool. They go back to the pools when the thread ends.
struct Caches([Cache; Table::COUNT]);

impl Drop for Caches {
    fn drop(&mut self) {
        let _ = AT_HAND.try_with(|at_hand| at_hand.set(null_mut()));
        for (pool, cache) in POOLS.iter().zip(&mut self.0) {
            pool.flush(cache);
        }
    }
}

std::thread_local! {
    static CACHES: RefCell<Caches> = const { RefCell::new(Caches([const { Cache::EMPTY }; Table::COUNT])) };
    /// This thread's caches, if nothing borrows them. Null before the first use and when the thread ends.
    static AT_HAND: Cell<*mut Caches> = const { Cell::new(null_mut()) };
}

/// This thread's cache of a table, if it is at hand.
///
/// # Safety
/// * The caller stops using the reference before anything else uses the caches.
#[inline(always)] // on the path of every mapped trampoline's creation and drop
unsafe fn at_hand<'a>(table: Table) -> Option<&'a mut Cache> {
    let caches = AT_HAND.try_with(Cell::get).ok()?;
    // SAFETY: the word is null or leads to this thread's own caches, which exist while it leads to them. Nothing
    // borrows them, and nothing else uses them while this reference is used: the condition of `at_hand`.
    unsafe { caches.as_mut() }.map(|caches| &mut caches.0[table.number()])
}

/// Claims a slot of a table, if this thread has one at hand.
#[inline]
pub(super) fn claim_at_hand(table: Table) -> Option<NonNull<Slot>> {
    // SAFETY: claiming from a cache calls nothing that could use the caches.
    unsafe { at_hand(table) }?.claim()
}

/// Releases a slot of a table.
///
/// # Safety
/// The slot was claimed from this table's pool and has no owner any more.
#[inline]
pub(super) unsafe fn release(slot: NonNull<Slot>, table: Table) {
    // SAFETY: releasing to a cache calls nothing that could use the caches, neither the allocator nor the system.
    match unsafe { at_hand(table) } {
        // SAFETY: the slot was claimed from this pool and has no owner.
        Some(cache) => unsafe { POOLS[table.number()].release(slot, cache) },
        // SAFETY: the slot was claimed from this table's pool and has no owner.
        None => unsafe { release_elsewhere(slot, table) },
    }
}

/// # Safety
/// The conditions of [`release`] hold.
#[cold]
#[inline(never)]
unsafe fn release_elsewhere(slot: NonNull<Slot>, table: Table) {
    // SAFETY: the slot was claimed from this table's pool and has no owner.
    with_cache(table, |pool, cache| unsafe { pool.release(slot, cache) });
}

/// Like [`release`], for a slot that already holds the poison.
///
/// # Safety
/// The slot was claimed from this table's pool and has no owner any more.
#[cfg(feature = "capi")]
#[inline]
pub(super) unsafe fn rest(slot: NonNull<Slot>, table: Table) {
    // SAFETY: releasing to a cache calls nothing that could use the caches, neither the allocator nor the system.
    match unsafe { at_hand(table) } {
        // SAFETY: the slot was claimed from this pool and has no owner.
        Some(cache) => unsafe { POOLS[table.number()].rest(slot, cache) },
        // SAFETY: the slot was claimed from this table's pool and has no owner.
        None => unsafe { rest_elsewhere(slot, table) },
    }
}

/// # Safety
/// The conditions of [`rest`] hold.
#[cfg(feature = "capi")]
#[cold]
#[inline(never)]
unsafe fn rest_elsewhere(slot: NonNull<Slot>, table: Table) {
    // SAFETY: the slot was claimed from this table's pool and has no owner.
    with_cache(table, |pool, cache| unsafe { pool.rest(slot, cache) });
}

/// Runs `act` with this thread's cache of a table, or with an empty cache if the thread has no usable one.
#[cold]
pub(super) fn with_cache<R>(table: Table, act: impl Fn(&Pool<Mapped>, &mut Cache) -> R) -> R {
    let pool = &POOLS[table.number()];
    let done = CACHES.try_with(|caches| {
        let mut borrowed = caches.try_borrow_mut().ok()?;
        let _ = AT_HAND.try_with(|at_hand| at_hand.set(null_mut()));
        let done = act(pool, &mut borrowed.0[table.number()]);
        drop(borrowed);
        let _ = AT_HAND.try_with(|at_hand| at_hand.set(caches.as_ptr()));
        Some(done)
    });
    match done {
        Ok(Some(done)) => done,
        _ => without_cache(pool, act),
    }
}

/// Runs `act` if the thread is ending, or if its cache is in use because the global allocator uses trampolines and came
/// back here.
#[cold]
fn without_cache<R>(pool: &Pool<Mapped>, act: impl Fn(&Pool<Mapped>, &mut Cache) -> R) -> R {
    let mut cache = Cache::EMPTY;
    let done = act(pool, &mut cache);
    pool.flush(&mut cache);
    done
}

/// How many slots rest in this thread's caches.
pub(super) fn resting() -> usize {
    let resting = |caches: &RefCell<Caches>| Some(caches.try_borrow().ok()?.0.iter().map(Cache::resting).sum());
    CACHES.try_with(resting).ok().flatten().unwrap_or(0)
}
