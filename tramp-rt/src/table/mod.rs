//! Tables: copies of the thunks beside the slots that they lead to.
//!
//! One invariant carries everything: **the slot of a thunk lies [`distance`](arch::distance) bytes behind it**, in the
//! linked tables' terms and in every copy, because each copy is mapped that far before slots of its own.
//!
//! ```text
//!    region: 2 × DISTANCE and a guard page at either end
//!   ┌─────┬──────────┬──────────┬─ … ─┬──────────┬──────────────────────────────────────────────────┬─────┐
//!   │guard│ copy 0   │ copy 1   │     │ no copy  │ slots, in runs                                   │guard│
//!   │ --- │ R-X      │ R-X      │     │ yet  --- │ RW-                                              │ --- │
//!   └─────┴──────────┴──────────┴─ … ─┴──────────┴──────────────────────────────────────────────────┴─────┘
//!          ▲ thunk ────────────────────────── DISTANCE ───▶ slot
//! ```
//!
//! A *run* is the amount of slots that a thread takes at a time. It begins with a header, which says which table the slots
//! belong to, so that a slot can be released by someone who knows no more than its address; the rest is the pool's. The
//! header of a region's first run says as well which region came before, for reports. Runs are touched when they are
//! first used, not before. Where a run has as many thunks as a copy, that is when its copy is mapped as well.
//!
//! Puts `pool`, `map` and `arch` together; knows no closure and no signature.

#[cfg(feature = "capi")]
pub(crate) mod c;
mod caches;
pub(crate) mod census;
mod mapped;
pub(crate) mod protected;
#[cfg(feature = "capi")]
mod registry;
mod runs;
#[cfg(test)]
mod stack_tests;
#[cfg(test)]
mod tests;

use core::ptr::NonNull;

use self::caches::with_cache;
use self::runs::{TABLE_MASK, header_of};
use crate::arch::geometry::Table;
use crate::arch::{self, Place};
use crate::error::{Error, Unsupported};
use crate::map;
use crate::pool::{Pool, QUARANTINE, SURPLUS};
use crate::slot::{CopiedArguments, Slot, StackSlot};
use crate::sync::Ordering;

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
    let slot = claim_of(of(place))?;
    // SAFETY: claimed from the place's table just now.
    unsafe { lead(slot, place, handler) };
    Ok(slot)
}

/// As [`claim`], if this thread has a slot at hand. There is no error to carry, which would cost as much as a claim.
#[inline]
pub(crate) fn claim_at_hand(handler: *const (), place: Place) -> Option<NonNull<Slot>> {
    let slot = caches::claim_at_hand(of(place))?;
    // SAFETY: claimed from the place's table just now.
    unsafe { lead(slot, place, handler) };
    Some(slot)
}

/// Claims a slot of a table, which leads nowhere yet.
#[inline]
fn claim_of(table: Table) -> Result<NonNull<Slot>, Error> {
    match caches::claim_at_hand(table) {
        Some(slot) => Ok(slot),
        None => claim_elsewhere(table),
    }
}

/// Has a slot lead to a handler.
///
/// # Safety
/// The slot is of the place's table and the caller's alone.
#[inline]
pub(crate) unsafe fn lead(slot: NonNull<Slot>, place: Place, handler: *const ()) {
    let (routine, copied) = match place {
        Place::Register(_) => {
            // SAFETY: slots are never unmapped.
            return unsafe { slot.as_ref() }.handler.store(handler.cast_mut(), Ordering::Relaxed);
        }
        Place::Stack(copied) => (arch::stack_routine(), copied),
        Place::SavedRegister(copied) => (arch::saved_register_routine(), copied),
        Place::Variadic => (arch::spill_routine(), CopiedArguments::NONE),
    };
    // SAFETY: the slot is of the stack's table, which is the place's, and the caller's alone.
    unsafe { lead_by_routine(slot.cast(), routine, copied, handler) }
}

/// Has a slot of the stack's table lead to a handler, through a routine that copies or spills arguments.
///
/// # Safety
/// * The slot is the caller's alone.
unsafe fn lead_by_routine(slot: NonNull<StackSlot>, routine: *const (), copied: CopiedArguments, handler: *const ()) {
    let slot = slot.as_ptr();
    // SAFETY: slots are never unmapped, and nobody else uses this one.
    unsafe {
        (*slot).stack_handler.store(handler.cast_mut(), Ordering::Relaxed);
        (*slot).copied = copied;
        (*slot).slot.handler.store(routine.cast_mut(), Ordering::Relaxed);
    }
}

#[cold]
fn claim_elsewhere(table: Table) -> Result<NonNull<Slot>, Error> {
    with_cache(table, Pool::claim)
}

/// Which table has the thunks for a place.
#[inline]
pub(crate) fn of(place: Place) -> Table {
    match place {
        Place::Register(register) => Table::Closure(register),
        Place::SavedRegister(_) | Place::Stack(_) | Place::Variadic => Table::Stack,
    }
}

/// Puts `count` slots in stock for handlers that find them in `place`, so that this thread can claim as many with no
/// system call.
pub(crate) fn reserve(count: usize, place: Place) -> Result<(), Error> {
    /// What this thread may hold back for the sake of late calls.
    const WITHHELD: usize = QUARANTINE + SURPLUS;
    let table = of(place);
    // The first use of the caches has the C library note their destructor, which may ask for memory.
    with_cache(table, |pool, _| pool.reserve(count.saturating_add(WITHHELD)))
}

/// Releases a mapped slot.
///
/// The parameter has this compiled in the crate that drops trampolines: see `claim_at_hand` in [`claim`](crate::claim).
///
/// # Safety
/// The slot came from [`claim`] and has no owner any more.
#[inline(never)]
pub(crate) unsafe fn release<const IN_USERS_CRATE: bool>(slot: NonNull<Slot>) {
    let table = Table::of(header_of(slot).note.load(Ordering::Relaxed) & TABLE_MASK);
    // SAFETY: the slot came from this table's pool, as its run's header says, and has no owner.
    unsafe { caches::release(slot, table) }
}

/// The thunk of a slot.
#[inline]
pub(crate) fn entry(slot: NonNull<Slot>) -> *const () {
    slot.as_ptr().wrapping_byte_sub(arch::distance()).cast()
}
