//! Tables: copies of the thunks beside the slots that they lead to.
//!
//! One invariant carries everything: **the slot of a thunk lies [`distance`](arch::distance) bytes behind it**, in the
//! linked tables' terms and in every copy, because each copy is mapped that far before slots of its own.
//!
//! ```text
//!    region: 2 × DISTANCE and a guard page at either end
//!   ┌─────┬──────────┬──────────┬─ … ─┬──────────┬──────────────────────────────────────────────────┬─────┐
//!   │guard│ copy 0   │ copy 1   │     │ copy n-1 │ slots, in runs                                   │guard│
//!   │ --- │ R-X      │ R-X      │     │ R-X      │ RW-                                              │ --- │
//!   └─────┴──────────┴──────────┴─ … ─┴──────────┴──────────────────────────────────────────────────┴─────┘
//!          ▲ thunk ────────────────────────── DISTANCE ───▶ slot
//! ```
//!
//! A *run* is the amount of slots that a thread takes at a time. It begins with a header, which says which table the slots
//! belong to, so that a slot can be released by someone who knows no more than its address; the rest is the pool's. The
//! header of a region's first run says as well which region came before, for reports. Runs are touched when they are
//! first used, not before.

#[cfg(feature = "capi")]
pub(crate) mod c;
pub(crate) mod protected;
#[cfg(feature = "capi")]
mod registry;

use core::cell::RefCell;
use core::ptr::NonNull;

#[cfg(feature = "capi")]
use crate::arch::geometry::CLOSURE_TABLES;
use crate::arch::geometry::{STACK_TABLE, TABLES, linked_offset, stride};
use crate::arch::{self, Place};
use crate::error::{Error, Unsupported};
use crate::map;
use crate::misuse::called_after_drop;
use crate::pool::{Cache, Header, Pool, QUARANTINE, Run, SURPLUS, Supply};
use crate::report::Slots;
use crate::slot::{Slot, StackSlot};
use crate::sync::Ordering;

/// The bits of a header's note that say which table; above them, none or the address of a region.
const TABLE_MASK: usize = TABLES.next_power_of_two() - 1;

const RUN_BYTES: usize = arch::RUN_BYTES;
const RUNS_PER_TABLE: usize = arch::TABLE_BYTES / RUN_BYTES;

const _: () = {
    assert!(TABLE_MASK < 4 << 10); // a region's address begins above: no page is smaller
    assert!(align_of::<Header>() <= RUN_BYTES);
};

/// A pool's way to regions of its table.
#[derive(Debug)]
pub(crate) struct Mapped {
    table: usize,
}

static POOLS: [Pool<Mapped>; TABLES] = {
    let mut pools = [const { Pool::new(Mapped { table: 0 }) }; TABLES];
    let mut table = 0;
    while table < TABLES {
        pools[table] = Pool::new(Mapped { table });
        table += 1;
    }
    pools
};

impl Mapped {
    fn linked_offset(&self) -> usize {
        linked_offset(self.table)
    }

    fn stride(&self) -> usize {
        stride(self.table)
    }

    /// Where a run begins.
    fn start(&self, region: usize, index: usize) -> *mut Slot {
        let (copy, run) = (index / RUNS_PER_TABLE, index % RUNS_PER_TABLE);
        let offset = copy * arch::COPY_BYTES + self.linked_offset() % arch::COPY_BYTES + run * RUN_BYTES;
        core::ptr::with_exposed_provenance_mut(region + offset)
    }

    /// What a run begins with.
    ///
    /// # Safety
    /// `region` is one of this table's, and not discarded; `index` is below `RUNS`.
    unsafe fn header(&self, region: usize, index: usize) -> &'static Header {
        // SAFETY: in a region's slots. Zeroed memory is a valid header, and its fields are atomics.
        unsafe { &*self.start(region, index).cast() }
    }

    /// How many slots the header takes the place of.
    fn header_slots(&self) -> usize {
        size_of::<Header>().div_ceil(self.stride())
    }
}

impl Supply for Mapped {
    const RUNS: usize = arch::COPIES * RUNS_PER_TABLE;

    fn region(&self) -> Result<usize, Error> {
        let region = map::region(self.linked_offset() / arch::COPY_BYTES)?;
        #[cfg(feature = "capi")]
        if self.table >= STACK_TABLE {
            registry::insert(region.as_ptr().addr() + arch::DISTANCE, self.table).inspect_err(|_| {
                // SAFETY: made above and shown to no one.
                unsafe { map::discard(region) }
            })?;
        }
        // The slots begin a distance behind the first copy.
        Ok(region.as_ptr().expose_provenance().wrapping_add(arch::distance()))
    }

    unsafe fn discard(&self, region: usize) {
        #[cfg(feature = "capi")]
        registry::remove(region);
        let region = core::ptr::with_exposed_provenance_mut(region.wrapping_sub(arch::distance()));
        // SAFETY: `region` made it, and it is not null.
        unsafe { map::discard(NonNull::new_unchecked(region)) }
    }

    unsafe fn link(&self, region: usize, earlier: usize) {
        debug_assert_eq!(earlier & TABLE_MASK, 0);
        // SAFETY: the caller has all of the region.
        unsafe { self.header(region, 0) }.note.store(earlier, Ordering::Relaxed);
    }

    unsafe fn earlier(&self, region: usize) -> usize {
        // SAFETY: a published region is not discarded.
        unsafe { self.header(region, 0) }.note.load(Ordering::Relaxed) & !TABLE_MASK
    }

    #[inline]
    fn poison(&self) -> *mut () {
        #[cfg(feature = "capi")]
        match self.table.checked_sub(CLOSURE_TABLES) {
            Some(0) => return c::protocol_poison(),
            Some(_) => return c::poison(),
            None => {}
        }
        called_after_drop as *mut ()
    }

    fn keep(&self, region: usize) {
        if let Some(code) = NonNull::new(core::ptr::with_exposed_provenance_mut(region.wrapping_sub(arch::distance())))
        {
            map::keep(code);
        }
    }

    unsafe fn run(&self, region: usize, index: usize) -> (&'static Header, Run) {
        // SAFETY: the region is this table's, and the index fits.
        let header = unsafe { self.header(region, index) };
        header.note.store(header.note.load(Ordering::Relaxed) | self.table, Ordering::Relaxed);
        let (stride, taken) = (self.stride(), self.header_slots());
        let next = self.start(region, index).wrapping_byte_add(taken * stride);
        (header, Run { next, left: RUN_BYTES / stride - taken, stride })
    }

    #[inline]
    fn header_of(&self, slot: NonNull<Slot>) -> &'static Header {
        header_of(slot)
    }
}

/// Whether there can be tables at all.
#[inline]
pub(crate) fn supported() -> Result<(), Error> {
    if !arch::SUPPORTED {
        return Err(Error::Unsupported(Unsupported::Processor));
    }
    if !map::SUPPORTED {
        return Err(Error::Unsupported(Unsupported::System));
    }
    Ok(())
}

/// Claims a mapped slot for a handler that finds it in `place`.
#[inline]
pub(crate) fn claim(handler: *const (), place: Place) -> Result<NonNull<Slot>, Error> {
    let table = index(place);
    // Most claims end here. The others have an error to carry, which costs as much as a claim.
    let at_hand = CACHES.try_with(|caches| caches.try_borrow_mut().ok()?.0[table].claim());
    let slot = match at_hand {
        Ok(Some(slot)) => slot,
        _ => claim_elsewhere(table)?,
    };
    // SAFETY: claimed from the place's table just now.
    unsafe { lead(slot, place, handler) };
    Ok(slot)
}

/// Has a slot lead to a handler.
///
/// # Safety
/// The slot is of the place's table and the caller's alone.
#[inline]
pub(crate) unsafe fn lead(slot: NonNull<Slot>, place: Place, handler: *const ()) {
    let (routine, bytes, align_mask) = match place {
        Place::Register(_) => {
            // SAFETY: slots are never unmapped.
            return unsafe { slot.as_ref() }.handler.store(handler.cast_mut(), Ordering::Relaxed);
        }
        Place::Stack { bytes, align_mask } => (arch::stack_routine(), bytes, align_mask),
        Place::SavedRegister { bytes, align_mask } => (arch::saved_register_routine(), bytes, align_mask),
    };
    let stack_slot = slot.cast::<StackSlot>().as_ptr();
    // SAFETY: the stack table's slots are `StackSlot`s, and this one is the caller's alone.
    unsafe {
        (*stack_slot).stack_handler.store(handler.cast_mut(), Ordering::Relaxed);
        (*stack_slot).bytes = bytes;
        (*stack_slot).align_mask = align_mask;
        (*stack_slot).slot.handler.store(routine.cast_mut(), Ordering::Relaxed);
    }
}

#[cold]
fn claim_elsewhere(table: usize) -> Result<NonNull<Slot>, Error> {
    with_cache(table, Pool::claim)
}

/// Which table has the thunks for a place.
#[inline]
pub(crate) fn index(place: Place) -> usize {
    match place {
        Place::Register(register) => register,
        Place::SavedRegister { .. } | Place::Stack { .. } => STACK_TABLE,
    }
}

/// Puts `count` slots in stock for handlers that find them in `place`, so that this thread can claim as many with no
/// system call.
pub(crate) fn reserve(count: usize, place: Place) -> Result<(), Error> {
    /// What this thread may hold back for the sake of late calls.
    const WITHHELD: usize = QUARANTINE + SURPLUS;
    let table = index(place);
    // The first use of the caches has the C library note their destructor, which may ask for memory.
    with_cache(table, |pool, _| pool.reserve(count.saturating_add(WITHHELD)))
}

/// Counts the regions and the slots in them. Slots that other threads change meanwhile are counted as found.
pub(crate) fn census() -> (usize, Slots) {
    let mut slots = Slots::default();
    let mut regions = protected::census(&mut slots);
    for pool in &POOLS {
        let stride = pool.supply().stride();
        let (slots_per_run, header_slots) = (RUN_BYTES / stride, pool.supply().header_slots());
        for (region, runs) in pool.regions() {
            regions += 1;
            slots.unused += (Mapped::RUNS - runs) * (slots_per_run - header_slots);
            for index in 0..runs {
                let start = pool.supply().start(region, index);
                for slot in header_slots..slots_per_run {
                    // SAFETY: a slot of a published region; these are never unmapped, and atomic.
                    let handler = unsafe { &*start.wrapping_byte_add(slot * stride) }.handler.load(Ordering::Relaxed);
                    if handler.is_null() {
                        slots.unused += 1;
                    } else if handler == pool.supply().poison() {
                        slots.free += 1;
                    } else {
                        slots.live += 1;
                    }
                }
            }
        }
    }
    let _ = CACHES.try_with(|caches| {
        if let Ok(caches) = caches.try_borrow() {
            slots.resting = caches.0.iter().map(Cache::resting).sum();
        }
    });
    (regions, slots)
}

/// Releases a mapped slot.
///
/// # Safety
/// The slot came from [`claim`] and has no owner any more.
pub(crate) unsafe fn release(slot: NonNull<Slot>) {
    let table = header_of(slot).note.load(Ordering::Relaxed) & TABLE_MASK;
    // SAFETY: the slot came from this table's pool, as its run's header says, and is released once, as the caller
    // promises.
    with_cache(table, |pool, cache| unsafe { pool.release(slot, cache) });
}

/// Where a slot's run begins.
#[inline]
fn start_of(slot: NonNull<Slot>) -> *mut Slot {
    slot.as_ptr().map_addr(|address| address & !(RUN_BYTES - 1)) // regions are aligned to more than a run
}

/// The header of a slot's run, if that is a pool's.
#[inline]
fn header_of(slot: NonNull<Slot>) -> &'static Header {
    // SAFETY: every such run begins with a header. They are never unmapped, and the fields are atomics.
    unsafe { &*start_of(slot).cast() }
}

/// The thunk of a slot.
#[inline]
pub(crate) fn entry(slot: NonNull<Slot>) -> *const () {
    slot.as_ptr().wrapping_byte_sub(arch::distance()).cast()
}

/// This thread's caches, one for each pool. They go back to the pools when the thread ends.
struct Caches([Cache; TABLES]);

impl Drop for Caches {
    fn drop(&mut self) {
        for (pool, cache) in POOLS.iter().zip(&mut self.0) {
            pool.flush(cache);
        }
    }
}

std::thread_local! {
    static CACHES: RefCell<Caches> = const { RefCell::new(Caches([const { Cache::EMPTY }; TABLES])) };
}

#[inline]
fn with_cache<R>(table: usize, act: impl Fn(&Pool<Mapped>, &mut Cache) -> R) -> R {
    let pool = &POOLS[table];
    let done = CACHES.try_with(|caches| {
        let mut caches = caches.try_borrow_mut().ok()?;
        Some(act(pool, &mut caches.0[table]))
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
