//! Each thread's share of the pools.
//!
//! The caches have a destructor, because they go back to the pools when the thread ends. They lie in a `RefCell`,
//! because a region is recorded on the heap, and a global allocator that uses trampolines may come back here. Each of
//! the two costs an access as much as the work on the cache. So a [word](crate::arch::thread_word) leads to the caches
//! whenever nothing borrows them and the thread is not ending. It is null before their first use. Code that finds the
//! caches by this word does little, and calls nothing that could come back.

use core::cell::RefCell;
use core::ptr::{NonNull, null_mut};
#[cfg(feature = "capi")]
use std::alloc::{Layout, alloc, dealloc};

use super::mapped::{Mapped, POOLS};
use crate::arch::geometry::Table;
use crate::arch::{set_thread_word, thread_word};
use crate::pool::{Cache, Pool};
use crate::slot::Slot;

/// This thread's caches, one for each pool. They go back to the pools when the thread ends.
struct Caches([Cache; Table::COUNT]);

impl Drop for Caches {
    fn drop(&mut self) {
        set_thread_word(null_mut());
        for (pool, cache) in POOLS.iter().zip(&mut self.0) {
            pool.flush(cache);
        }
    }
}

impl Caches {
    const EMPTY: Self = Self([const { Cache::EMPTY }; Table::COUNT]);

    fn resting(&self) -> usize {
        self.0.iter().map(Cache::resting).sum()
    }
}

std::thread_local! {
    static CACHES: RefCell<Kept> = const { RefCell::new(Kept::EMPTY) };
}

/// Where a thread's caches lie. In the C library, they lie on the heap. A library that is opened late finds the word of a
/// thread without a call only if all its thread-locals fit into what is left of the static TLS block: 512 bytes in glibc.
#[cfg(feature = "capi")]
struct Kept(Option<NonNull<Caches>>);

#[cfg(feature = "capi")]
impl Kept {
    const EMPTY: Self = Self(None);
    const LAYOUT: Layout = Layout::new::<Caches>();

    /// The caches, or nothing if the heap has no room for them.
    fn get(&mut self) -> Option<NonNull<Caches>> {
        if self.0.is_none() {
            // SAFETY: the size is not zero.
            let made = NonNull::new(unsafe { alloc(Self::LAYOUT) })?.cast::<Caches>();
            // SAFETY: the memory was just allocated for them.
            unsafe { made.write(Caches::EMPTY) };
            self.0 = Some(made);
        }
        self.0
    }

    fn resting(&self) -> usize {
        // SAFETY: they exist as long as `self`, and nothing borrows them.
        self.0.map_or(0, |caches| unsafe { caches.as_ref() }.resting())
    }
}

#[cfg(feature = "capi")]
impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(caches) = self.0 {
            // SAFETY: `get` made them in memory of this layout, and their destructor makes the word null.
            unsafe {
                caches.drop_in_place();
                dealloc(caches.as_ptr().cast(), Self::LAYOUT);
            }
        }
    }
}

/// Where a thread's caches lie.
#[cfg(not(feature = "capi"))]
struct Kept(Caches);

#[cfg(not(feature = "capi"))]
impl Kept {
    const EMPTY: Self = Self(Caches::EMPTY);

    #[allow(clippy::unnecessary_wraps, reason = "the heap may have no room for those of the C library")]
    fn get(&mut self) -> Option<NonNull<Caches>> {
        Some(NonNull::from(&mut self.0))
    }

    fn resting(&self) -> usize {
        self.0.resting()
    }
}

/// This thread's cache of a table, if it is at hand.
///
/// # Safety
/// * The caller stops using the reference before anything else uses the caches.
#[inline(always)] // on the path of every mapped trampoline's creation and drop
unsafe fn at_hand<'a>(table: Table) -> Option<&'a mut Cache> {
    let caches = thread_word().cast::<Caches>();
    // SAFETY: only this file sets the word. It is null or leads to this thread's own caches, which exist while it leads to
    // them. Nothing borrows them, and nothing else uses them while this reference is used: the condition of `at_hand`.
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
        set_thread_word(null_mut());
        let mut kept = borrowed.get()?;
        // SAFETY: they are this thread's, and `borrowed` keeps everything else from using them.
        let done = act(pool, &mut unsafe { kept.as_mut() }.0[table.number()]);
        drop(borrowed);
        set_thread_word(kept.as_ptr().cast());
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
    // The next line borrows the caches, so the word must not lead to them. The next use sets it again.
    set_thread_word(null_mut());
    CACHES.try_with(|caches| caches.try_borrow().map_or(0, |kept| kept.resting())).unwrap_or(0)
}
