//! Which addresses are slots: so that whatever C hands back can be judged without being touched.
//!
//! The address space is divided in granules of [`DISTANCE`](arch::DISTANCE) bytes, as many as a region's slots take. These
//! begin wherever the system had room and overlap two granules; but between the slots of two regions lie the code of one
//! and two guard pages, so no granule has a part of both. What lies in a granule is kept in a table of two levels that is
//! written once for each region and never changes afterwards. A look is two loads, with no lock.
//!
//! ```text
//!   address   0 ──▶ │ LEAF_BITS more │ LEAF_BITS │ granule │        ROOT[…] ──▶ leaf[…] ──▶ start of slots + table
//! ```

use core::ptr::NonNull;
use std::alloc::{Layout, alloc_zeroed, dealloc};

use super::runs::{RUN_BYTES, RUNS, TABLE_MASK};
use crate::arch;
use crate::arch::geometry::Table;
use crate::error::Error;
use crate::pool::Header;
use crate::slot::Slot;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// User addresses are below 2^48 unless a program asks for others by hint. A region that lay above is refused.
const ADDRESS_BITS: u32 = if usize::BITS < 48 { usize::BITS } else { 48 };
const GRANULE_BITS: u32 = arch::DISTANCE.trailing_zeros();
const LEAF_BITS: u32 = (ADDRESS_BITS - GRANULE_BITS).div_ceil(2);
const GRANULES: usize = 1 << (ADDRESS_BITS - GRANULE_BITS);

const _: () = {
    assert!(arch::DISTANCE.is_power_of_two() && ROOT.len().is_power_of_two());
    // The numbers of the tables that are noted differ by less than two slots do.
    let noted = Table::COUNT - Table::Stack.number();
    assert!(noted <= arch::PROTOCOL_BYTES && noted <= arch::CONTEXT_BYTES);
};

/// Which region has slots in granules that follow one another, and of which table they are; or 0.
type Leaf = [AtomicUsize; 1 << LEAF_BITS];

/// Mostly pages that are never touched.
static ROOT: [AtomicPtr<Leaf>; GRANULES.div_ceil(1 << LEAF_BITS)] =
    [const { AtomicPtr::new(core::ptr::null_mut()) }; GRANULES.div_ceil(1 << LEAF_BITS)];

/// Notes that a region's slots begin at `start`. Before anyone has one of them.
pub(super) fn insert(start: usize, table: Table) -> Result<(), Error> {
    debug_assert_eq!(start & TABLE_MASK, 0);
    let [first, second] = granules(start);
    let (first, second) = (leaf(first)?, leaf(second)?);
    for (granule, leaf) in granules(start).into_iter().zip([first, second]) {
        leaf[granule % (1 << LEAF_BITS)].store(start | table.number(), Ordering::Release);
    }
    Ok(())
}

/// Forgets a region of which no one has a slot.
pub(super) fn remove(start: usize) {
    for granule in granules(start) {
        if let Some(entry) = entry(granule).filter(|entry| entry.load(Ordering::Relaxed) & !TABLE_MASK == start) {
            entry.store(0, Ordering::Relaxed);
        }
    }
}

fn granules(start: usize) -> [usize; 2] {
    [start >> GRANULE_BITS, (start + arch::DISTANCE - 1) >> GRANULE_BITS]
}

/// The leaf of a granule, made if need be.
fn leaf(granule: usize) -> Result<&'static Leaf, Error> {
    const LAYOUT: Layout = Layout::new::<Leaf>();
    let root = ROOT.get(granule >> LEAF_BITS).ok_or(Error::Reserve(std::io::ErrorKind::AddrNotAvailable.into()))?;
    let mut leaf = root.load(Ordering::Acquire);
    if leaf.is_null() {
        #[allow(clippy::cast_ptr_alignment, reason = "it is that of the layout")]
        // SAFETY: not of size zero.
        let made = unsafe { alloc_zeroed(LAYOUT) }.cast::<Leaf>();
        // SAFETY: null, or zeroed just now, of which a leaf may consist; and seen by no one.
        let Some(entries) = (unsafe { made.as_mut() }) else { return Err(Error::Heap { bytes: LAYOUT.size() }) };
        if granule >> LEAF_BITS == 0 {
            // An entry of 0 is taken for a region's at the address 0. There is none, and it shall be too far away.
            *entries[0].get_mut() = 1 << (usize::BITS - 1);
        }
        leaf = match root.compare_exchange(leaf, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            Err(earlier) => {
                // SAFETY: allocated above with this layout, and seen by no one.
                unsafe { dealloc(made.cast(), LAYOUT) };
                earlier
            }
        };
    }
    // SAFETY: never freed once it is in the root, and zeros are a value.
    Ok(unsafe { &*leaf })
}

/// The entry of a granule. That of one no address has may be another's.
#[inline]
fn entry(granule: usize) -> Option<&'static AtomicUsize> {
    let leaf = ROOT[(granule >> LEAF_BITS) % ROOT.len()].load(Ordering::Acquire);
    // SAFETY: null, or a leaf, which is never freed.
    Some(&unsafe { leaf.as_ref() }?[granule % (1 << LEAF_BITS)])
}

/// What may be a slot: an address, and what is known of its granule.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    address: usize,
    entry: usize,
}

impl Candidate {
    #[inline]
    pub(super) fn new(address: usize) -> Option<Self> {
        Some(Self { address, entry: entry(address >> GRANULE_BITS)?.load(Ordering::Acquire) })
    }

    /// The table that its region has, if it is in one.
    pub(super) fn table(self) -> Table {
        Table::of(self.entry & TABLE_MASK)
    }

    /// The slot, if it is one of this table. With an entry of another table, of another granule or of none, the offset is one
    /// that no slot has: the address of a slot is a multiple of the stride, the numbers of two tables differ by less than
    /// that, and what is not of this granule is too far away.
    #[inline]
    pub(super) fn slot_of(self, table: Table) -> Option<NonNull<Slot>> {
        let offset = self.address.wrapping_sub(self.entry).wrapping_add(table.number());
        let is_placed = offset & !(arch::DISTANCE - table.stride()) == 0 && self.address & (table.stride() - 1) == 0;
        // A run begins with its header.
        if !is_placed || offset % RUN_BYTES < size_of::<Header>() {
            return None;
        }
        if arch::COPY_BYTES != arch::TABLE_BYTES {
            let in_copy = offset % arch::COPY_BYTES;
            if in_copy.wrapping_sub(table.linked_offset() % arch::COPY_BYTES) >= arch::TABLE_BYTES {
                return None;
            }
        }
        NonNull::new(core::ptr::with_exposed_provenance_mut(self.address))
    }
}

const _: () = assert!(RUNS * RUN_BYTES <= arch::DISTANCE);
