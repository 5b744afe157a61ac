//! Each thread's share of the pools.
//!
//! The caches go back to the pools when the thread ends, so they have a destructor. They are in a `RefCell`, because a region is
//! recorded on the heap, and a global allocator that uses trampolines would come back here. Both cost each access as much as
//! what is done with the cache. So a word beside the caches leads to them whenever nothing borrows them and the thread is not
//! ending. What finds them by it does little, and calls nothing that could come back.

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
    /// This thread's caches, if nothing borrows them; null before the first use, and when the thread ends.
    static AT_HAND: Cell<*mut Caches> = const { Cell::new(null_mut()) };
}

/// This thread's cache of a table, if it is at hand.
///
/// # Safety
/// * The reference is not used any more when something else uses the caches.
#[inline(always)] // on the path of every mapped trampoline's creation and drop
unsafe fn at_hand<'a>(table: Table) -> Option<&'a mut Cache> {
    let caches = AT_HAND.try_with(Cell::get).ok()?;
    // SAFETY: null, or this thread's own, which are not gone while the word leads to them. Nothing borrows them, and while this
    // reference is used nothing else uses them.
    unsafe { caches.as_mut() }.map(|caches| &mut caches.0[table.number()])
}

/// Claims a slot of a table, if this thread has one at hand.
#[inline]
pub(super) fn claim_at_hand(table: Table) -> Option<NonNull<Slot>> {
    // SAFETY: claiming of a cache calls nothing that could use the caches.
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
        // SAFETY: the slot was claimed from this pool, and has no owner.
        Some(cache) => unsafe { POOLS[table.number()].release(slot, cache) },
        // SAFETY: the slot was claimed from this table's pool, and has no owner.
        None => unsafe { release_elsewhere(slot, table) },
    }
}

/// # Safety
/// As for [`release`].
#[cold]
#[inline(never)]
unsafe fn release_elsewhere(slot: NonNull<Slot>, table: Table) {
    // SAFETY: the slot was claimed from this table's pool, and has no owner.
    with_cache(table, |pool, cache| unsafe { pool.release(slot, cache) });
}

/// As [`release`], of a slot that holds the poison already.
///
/// # Safety
/// The slot was claimed from this table's pool and has no owner any more.
#[cfg(feature = "capi")]
#[inline]
pub(super) unsafe fn rest(slot: NonNull<Slot>, table: Table) {
    // SAFETY: releasing to a cache calls nothing that could use the caches, neither the allocator nor the system.
    match unsafe { at_hand(table) } {
        // SAFETY: the slot was claimed from this pool, and has no owner.
        Some(cache) => unsafe { POOLS[table.number()].rest(slot, cache) },
        // SAFETY: the slot was claimed from this table's pool, and has no owner.
        None => unsafe { rest_elsewhere(slot, table) },
    }
}

/// # Safety
/// As for [`rest`].
#[cfg(feature = "capi")]
#[cold]
#[inline(never)]
unsafe fn rest_elsewhere(slot: NonNull<Slot>, table: Table) {
    // SAFETY: the slot was claimed from this table's pool, and has no owner.
    with_cache(table, |pool, cache| unsafe { pool.rest(slot, cache) });
}

/// Has `act` use this thread's cache of a table, or an empty one if there is none to use.
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

/// When the thread is ending, or its cache is in use: the global allocator uses trampolines and came back here.
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
