//! Tables: copies of the thunks, beside the slots to which they lead.
//!
//! One invariant is the base of everything: **the slot of a thunk lies [`distance`](arch::distance) bytes behind it**.
//! It holds for the linked tables and for every copy, because each copy is mapped at that distance before its own
//! slots.
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
//! A *run* is the number of slots that a thread takes at a time. It begins with a header. The header says to which
//! table the slots belong, so code that knows only a slot's address can release the slot. The rest of the header
//! belongs to the pool. The header of a region's first run also says which region came before, for reports. A run is
//! touched when it is first used, not before. Where a run has as many thunks as a copy, its copy is mapped at that time
//! as well.
//!
//! This layer combines `pool`, `map` and `arch`. It knows no closure and no signature.

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

/// Whether this target has tables at all.
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
    // SAFETY: the slot was just claimed from the place's table, and nothing else has it.
    unsafe { lead(slot, place, handler) };
    Ok(slot)
}

/// Like [`claim`], if this thread has a slot at hand. There is no error to return, because returning one would cost as
/// much as the claim.
#[inline]
pub(crate) fn claim_at_hand(handler: *const (), place: Place) -> Option<NonNull<Slot>> {
    let slot = caches::claim_at_hand(of(place))?;
    // SAFETY: the slot was just claimed from the place's table, and nothing else has it.
    unsafe { lead(slot, place, handler) };
    Some(slot)
}

/// Claims a slot of a table. It leads nowhere yet.
#[inline]
fn claim_of(table: Table) -> Result<NonNull<Slot>, Error> {
    match caches::claim_at_hand(table) {
        Some(slot) => Ok(slot),
        None => claim_elsewhere(table),
    }
}

/// Makes a slot lead to a handler.
///
/// # Safety
/// The slot belongs to the place's table, and only the caller has it.
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
        Place::Dynamic => (arch::dynamic_routine(), CopiedArguments::ALL_FLOATS),
    };
    // SAFETY: the slot belongs to the place's table, which is the stack's, and only the caller has it.
    unsafe { lead_by_routine(slot.cast(), routine, copied, handler) }
}

/// Makes a slot of the stack's table lead to a handler, through a routine that copies or spills arguments.
///
/// # Safety
/// * Only the caller has the slot.
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

/// The table that has the thunks for a place.
#[inline]
pub(crate) fn of(place: Place) -> Table {
    match place {
        Place::Register(register) => Table::Closure(register),
        Place::SavedRegister(_) | Place::Stack(_) | Place::Variadic | Place::Dynamic => Table::Stack,
    }
}

/// Puts `count` slots in stock for handlers that find them in `place`. So this thread can claim as many without a
/// system call.
pub(crate) fn reserve(count: usize, place: Place) -> Result<(), Error> {
    /// How many slots this thread may hold back, so that late calls find the poison.
    const WITHHELD: usize = QUARANTINE + SURPLUS;
    let table = of(place);
    // The first use of the caches registers their destructor with the C library, which may allocate memory.
    with_cache(table, |pool, _| pool.reserve(count.saturating_add(WITHHELD)))
}

/// Releases a mapped slot.
///
/// The parameter makes the compiler compile this function in the crate that drops trampolines: see `claim_at_hand` in
/// [`claim`](crate::claim).
///
/// # Safety
/// The slot came from [`claim`] and has no owner any more.
#[inline(never)]
pub(crate) unsafe fn release<const IN_USERS_CRATE: bool>(slot: NonNull<Slot>) {
    let table = Table::of(header_of(slot).note.load(Ordering::Relaxed) & TABLE_MASK);
    // SAFETY: the slot came from this table's pool, as its run's header says, and it has no owner.
    unsafe { caches::release(slot, table) }
}

/// The thunk of a slot.
#[inline]
pub(crate) fn entry(slot: NonNull<Slot>) -> *const () {
    slot.as_ptr().wrapping_byte_sub(arch::distance()).cast()
}
