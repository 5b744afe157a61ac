//! Counts the regions, and the slots of each kind.

use super::mapped::{Mapped, POOLS};
use super::runs::RUN_BYTES;
use super::{caches, protected};
use crate::pool::Supply;
use crate::report::Slots;
use crate::sync::Ordering;

/// Counts the regions and their slots. If another thread changes a slot in the meantime, the slot counts as it was
/// found.
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
                    // SAFETY: the slot is in a published region, which is never unmapped, and its fields are atomics.
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
    slots.resting = caches::resting();
    (regions, slots)
}
