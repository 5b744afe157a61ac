//! Runs: the slots of a region that a thread takes at a time, and where each run begins.

use core::ptr::NonNull;

use crate::arch;
use crate::arch::geometry::Table;
use crate::pool::Header;
use crate::slot::Slot;

/// The bits of a header's note that say which table it is. The bits above them are zero or the address of a region.
pub(super) const TABLE_MASK: usize = Table::COUNT.next_power_of_two() - 1;

/// A bit in the note of a region's first run. It says that every run of the region is open.
pub(super) const WHOLE: usize = TABLE_MASK + 1;

pub(super) const RUN_BYTES: usize = arch::RUN_BYTES;
const RUNS_PER_TABLE: usize = arch::TABLE_BYTES / RUN_BYTES;

/// The number of runs that a region has for one table.
pub(super) const RUNS: usize = arch::COPIES * RUNS_PER_TABLE;

const _: () = {
    assert!(WHOLE < 4 << 10); // a region's address begins above: no page is smaller
    assert!(align_of::<Header>() <= RUN_BYTES);
};

/// The beginning of a run, in the slots of a region of this table.
pub(super) fn start(table: Table, region: usize, index: usize) -> *mut Slot {
    let copy = index / RUNS_PER_TABLE;
    let run = index - copy * RUNS_PER_TABLE;
    let offset = copy * arch::COPY_BYTES + table.linked_offset() % arch::COPY_BYTES + run * RUN_BYTES;
    core::ptr::with_exposed_provenance_mut(region + offset)
}

/// The beginning of a slot's run.
#[inline]
pub(super) fn start_of(slot: NonNull<Slot>) -> *mut Slot {
    slot.as_ptr().map_addr(|address| address & !(RUN_BYTES - 1)) // regions are aligned to more than a run
}

/// The header of a slot's run, if the run belongs to a pool.
#[inline]
pub(super) fn header_of(slot: NonNull<Slot>) -> &'static Header {
    // SAFETY: every such run begins with a header. Runs are never unmapped, and the fields are atomics.
    unsafe { &*start_of(slot).cast() }
}
