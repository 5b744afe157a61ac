//! Knows which addresses are slots. So the C library can judge any address that C hands back, without touching it.
//!
//! The address space is divided into granules of [`DISTANCE`](arch::DISTANCE) bytes, which is the size of a region's
//! slots. The slots begin wherever the system had room, so they overlap two granules. Between the slots of two regions
//! lie the code of one region and two guard pages, so no granule has a part of both. A table of two levels says what
//! lies in each granule. It is written once for each region and never changes afterwards. A look takes two loads and no
//! lock.
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

/// User addresses are below 2^48 unless a program asks for others by a hint. A region above would be refused.
const ADDRESS_BITS: u32 = if usize::BITS < 48 { usize::BITS } else { 48 };
const GRANULE_BITS: u32 = arch::DISTANCE.trailing_zeros();
const LEAF_BITS: u32 = (ADDRESS_BITS - GRANULE_BITS).div_ceil(2);
const GRANULES: usize = 1 << (ADDRESS_BITS - GRANULE_BITS);

const _: () = {
    assert!(arch::DISTANCE.is_power_of_two() && ROOT.len().is_power_of_two());
    // The numbers of two registered tables differ by less than the distance of two slots.
    let noted = Table::COUNT - Table::Stack.number();
    assert!(noted <= arch::PROTOCOL_BYTES && noted <= arch::CONTEXT_BYTES);
};

/// For each of some consecutive granules: the region that has slots there, and their table; or 0.
type Leaf = [AtomicUsize; 1 << LEAF_BITS];

/// Most of its pages are never touched.
static ROOT: [AtomicPtr<Leaf>; GRANULES.div_ceil(1 << LEAF_BITS)] =
    [const { AtomicPtr::new(core::ptr::null_mut()) }; GRANULES.div_ceil(1 << LEAF_BITS)];

/// Registers that a region's slots begin at `start`, before any thread has one of them.
pub(super) fn insert(start: usize, table: Table) -> Result<(), Error> {
    debug_assert_eq!(start & TABLE_MASK, 0);
    let [first, second] = granules(start);
    let (first, second) = (leaf(first)?, leaf(second)?);
    for (granule, leaf) in granules(start).into_iter().zip([first, second]) {
        leaf[granule % (1 << LEAF_BITS)].store(start | table.number(), Ordering::Release);
    }
    Ok(())
}

/// Removes a region. No thread has one of its slots.
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

/// The leaf of a granule. It is made if there is none yet.
fn leaf(granule: usize) -> Result<&'static Leaf, Error> {
    const LAYOUT: Layout = Layout::new::<Leaf>();
    let root = ROOT.get(granule >> LEAF_BITS).ok_or(Error::Reserve(std::io::ErrorKind::AddrNotAvailable.into()))?;
    let mut leaf = root.load(Ordering::Acquire);
    if leaf.is_null() {
        #[allow(clippy::cast_ptr_alignment, reason = "it is that of the layout")]
        // SAFETY: the size is not zero.
        let made = unsafe { alloc_zeroed(LAYOUT) }.cast::<Leaf>();
        // SAFETY: the pointer is null, or leads to memory that was just zeroed, and zeros are a valid leaf. No other
        // thread has seen it.
        let Some(entries) = (unsafe { made.as_mut() }) else { return Err(Error::Heap { bytes: LAYOUT.size() }) };
        if granule >> LEAF_BITS == 0 {
            // An entry of 0 looks like that of a region at the address 0. There is no such region. This entry makes it
            // lie too far away.
            *entries[0].get_mut() = 1 << (usize::BITS - 1);
        }
        leaf = match root.compare_exchange(leaf, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            Err(earlier) => {
                // SAFETY: it was allocated above with this layout, and no other thread has seen it.
                unsafe { dealloc(made.cast(), LAYOUT) };
                earlier
            }
        };
    }
    // SAFETY: a leaf is never freed once it is in the root, and zeros are a valid leaf.
    Ok(unsafe { &*leaf })
}

/// The entry of a granule. For a granule above all addresses, it may be the entry of another granule.
#[inline]
fn entry(granule: usize) -> Option<&'static AtomicUsize> {
    let leaf = ROOT[(granule >> LEAF_BITS) % ROOT.len()].load(Ordering::Acquire);
    // SAFETY: the pointer is null or leads to a leaf, which is never freed.
    Some(&unsafe { leaf.as_ref() }?[granule % (1 << LEAF_BITS)])
}

/// An address that may be a slot, and the entry of its granule.
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

    /// The table of the region, if the address is in one.
    pub(super) fn table(self) -> Table {
        Table::of(self.entry & TABLE_MASK)
    }

    /// The slot, if the address is a slot of this table. If the entry belongs to another table, to another granule or
    /// to no region, the offset is one that no slot has: the address of a slot is a multiple of the stride, the numbers
    /// of two tables differ by less than the stride, and other granules are too far away.
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
