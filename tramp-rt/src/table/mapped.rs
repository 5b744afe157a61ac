//! The pools of all tables, and the way in which they get regions.

use core::ptr::NonNull;

#[cfg(feature = "capi")]
use super::registry;
use super::runs::{RUN_BYTES, RUNS, TABLE_MASK, WHOLE, header_of, start};
use crate::arch;
use crate::arch::geometry::Table;
use crate::error::Error;
use crate::map;
use crate::map::Copies;
use crate::misuse::called_after_drop;
#[cfg(feature = "capi")]
use crate::misuse::called_after_free;
use crate::pool::{Header, Pool, Run, Supply};
use crate::slot::Slot;
#[cfg(feature = "capi")]
use crate::slot::State;
use crate::sync::Ordering;

/// Gives a pool the regions of its table.
#[derive(Debug)]
pub(crate) struct Mapped {
    table: Table,
}

pub(super) static POOLS: [Pool<Mapped>; Table::COUNT] = {
    let mut pools = [const { Pool::new(Mapped { table: Table::Stack }) }; Table::COUNT];
    let mut number = 0;
    while number < Table::COUNT {
        pools[number] = Pool::new(Mapped { table: Table::of(number) });
        number += 1;
    }
    pools
};

impl Mapped {
    pub(super) fn stride(&self) -> usize {
        self.table.stride()
    }

    /// The beginning of a run.
    pub(super) fn start(&self, region: usize, index: usize) -> *mut Slot {
        start(self.table, region, index)
    }

    /// Protects a region that stays mapped and has these copies.
    pub(super) fn seal(region: usize, copies: Copies) {
        let code = core::ptr::with_exposed_provenance_mut(region.wrapping_sub(arch::distance()));
        if let Some(code) = NonNull::new(code) {
            map::seal(code, copies);
        }
    }

    /// The number of slots that the header replaces.
    pub(super) fn header_slots(&self) -> usize {
        size_of::<Header>().div_ceil(self.stride())
    }
}

impl Supply for Mapped {
    const RUNS: usize = RUNS;

    fn region(&self) -> Result<usize, Error> {
        let (region, copies) = map::region(self.table.part())?;
        #[cfg(feature = "capi")]
        if !matches!(self.table, Table::Closure(_)) {
            registry::insert(region.as_ptr().addr() + arch::DISTANCE, self.table).inspect_err(|_| {
                // SAFETY: it was made above, and no other thread has seen it.
                unsafe { map::discard(region) }
            })?;
        }
        // The slots begin a distance behind the first copy.
        let region = region.as_ptr().expose_provenance().wrapping_add(arch::distance());
        if copies == Copies::All {
            // SAFETY: it was made above and not discarded, and every region has a first run.
            unsafe { self.header(region, 0) }.note.store(WHOLE, Ordering::Relaxed);
        }
        Ok(region)
    }

    unsafe fn discard(&self, region: usize) {
        #[cfg(feature = "capi")]
        registry::remove(region);
        let region = core::ptr::with_exposed_provenance_mut(region.wrapping_sub(arch::distance()));
        // SAFETY: `region` made it, so it is not null. No other thread has seen it: the condition of `discard`.
        unsafe { map::discard(NonNull::new_unchecked(region)) }
    }

    unsafe fn link(&self, region: usize, earlier: usize) {
        debug_assert_eq!(earlier & (TABLE_MASK | WHOLE), 0);
        // SAFETY: the region is fresh, and no other thread has seen it: the condition of `link`.
        unsafe { self.header(region, 0) }.note.fetch_or(earlier, Ordering::Relaxed);
    }

    unsafe fn earlier(&self, region: usize) -> usize {
        // SAFETY: a published region is never discarded.
        unsafe { self.header(region, 0) }.note.load(Ordering::Relaxed) & !(TABLE_MASK | WHOLE)
    }

    #[inline]
    fn poison(&self) -> *mut () {
        #[cfg(feature = "capi")]
        match self.table {
            Table::Protocol => return protocol_poison(),
            Table::Context(_) | Table::Chain(_) => return c_poison(),
            Table::Closure(_) | Table::Stack => {}
        }
        called_after_drop as *mut ()
    }

    fn published(&self, region: usize) {
        // SAFETY: the region is published.
        Self::seal(region, if unsafe { self.is_whole(region) } { Copies::All } else { Copies::First });
    }

    unsafe fn header(&self, region: usize, index: usize) -> &'static Header {
        // SAFETY: the address is in the region's slots. Zeroed memory is a valid header, and its fields are atomics.
        unsafe { &*self.start(region, index).cast() }
    }

    unsafe fn is_whole(&self, region: usize) -> bool {
        // SAFETY: a published region is never discarded.
        unsafe { self.header(region, 0) }.note.load(Ordering::Relaxed) & WHOLE != 0
    }

    unsafe fn open(&self, run: &Header) -> Result<(), Error> {
        let code = core::ptr::from_ref(run).addr().wrapping_sub(arch::distance());
        let code = NonNull::new(core::ptr::with_exposed_provenance_mut(code)).ok_or(Error::NoPlace)?;
        // SAFETY: it is the place of this run's thunks, which are not mapped yet. Nobody else opens the run: the
        // condition of `open`.
        unsafe { map::copy(self.table.part(), code) }
    }

    unsafe fn run(&self, run: &'static Header) -> Run {
        run.note.fetch_or(self.table.number(), Ordering::Relaxed);
        let (stride, taken) = (self.stride(), self.header_slots());
        let start = core::ptr::with_exposed_provenance_mut::<Slot>(core::ptr::from_ref(run).addr());
        Run { next: start.wrapping_byte_add(taken * stride), left: RUN_BYTES / stride - taken, stride }
    }

    #[inline]
    fn header_of(&self, slot: NonNull<Slot>) -> &'static Header {
        header_of(slot)
    }
}

/// The handler of free slots in the C library's tables of registers.
#[cfg(feature = "capi")]
#[inline]
pub(super) fn c_poison() -> State {
    called_after_free as State
}

/// The handler of free slots in the protocol's table.
#[cfg(feature = "capi")]
#[inline]
pub(super) fn protocol_poison() -> State {
    arch::protocol_freed().cast_mut()
}
