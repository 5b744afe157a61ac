//! How many regions there are, and how many slots of which kind.

use super::mapped::{Mapped, POOLS};
use super::runs::RUN_BYTES;
use super::{caches, protected};
use crate::pool::Supply;
use crate::report::Slots;
use crate::sync::Ordering;

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
    slots.resting = caches::resting();
    (regions, slots)
}
