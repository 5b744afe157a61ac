//! Where slots lie, and that none is lost. Each test that counts slots runs in its own process.

use core::ptr::{NonNull, without_provenance, without_provenance_mut};
use std::collections::BTreeSet;

use super::caches::with_cache;
use super::census::census;
use super::runs::{RUN_BYTES, RUNS, start, start_of};
use super::{claim, entry, of, protected, release, reserve};
use crate::alone::alone;
use crate::arch::geometry::{Table, copied_arguments};
use crate::arch::{self, Place};
use crate::pool::{Header, QUARANTINE, SURPLUS};
use crate::report::Slots;
use crate::slot::Slot;

/// One place for each table of closures.
fn places() -> impl Iterator<Item = Place> {
    let registers = 0..arch::REGISTERS - arch::SAVED_REGISTERS;
    let stack = copied_arguments(8, 8).map(Place::Stack);
    registers.map(Place::Register).chain(stack)
}

/// The number of slots that a region has for a place. Each run begins with a header.
fn in_region(place: Place) -> usize {
    RUNS * ((RUN_BYTES - size_of::<Header>()) / of(place).stride())
}

fn take(place: Place) -> NonNull<Slot> {
    claim(without_provenance(64), place).expect("a slot")
}

fn give(slots: impl IntoIterator<Item = NonNull<Slot>>) {
    // SAFETY: a test claimed each of them and handed it to nobody.
    slots.into_iter().for_each(|slot| unsafe { release::<false>(slot) });
}

fn slots(live: usize, free: usize, unused: usize, resting: usize) -> Slots {
    Slots { live, free, unused, resting }
}

/// Runs a test in a process of its own.
macro_rules! alone {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            const CASE: &str = "TRAMP_TEST_TABLE";
            if std::env::var_os(CASE).is_some() {
                return cases::$name();
            }
            let child = alone(module_path!(), stringify!($name)).env(CASE, "1").output().expect("a child");
            let said = [child.stdout, child.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            assert!(child.status.success(), "{}: {}", child.status, said.concat());
        }
    )* };
}

alone! {
    slots_are_counted
    protected_slots_are_counted
    a_thread_leaves_its_slots_to_others
    what_is_claimed_and_released_while_the_cache_is_in_use_is_not_lost
    what_is_reserved_needs_no_other_region
}

#[test]
fn runs_are_apart_and_within_their_copies() {
    let region = 1 << 24;
    for table in Table::all() {
        let starts: BTreeSet<_> = (0..RUNS).map(|index| start(table, region, index).addr()).collect();
        assert_eq!(starts.len(), RUNS);
        for &start in &starts {
            let in_copy = (start - region) % arch::COPY_BYTES;
            let in_table = in_copy.checked_sub(table.linked_offset() % arch::COPY_BYTES).expect("not before the table");
            assert!(in_table + RUN_BYTES <= arch::TABLE_BYTES && in_table % RUN_BYTES == 0);
            assert!(start + RUN_BYTES <= region + arch::DISTANCE);
            for offset in [0, 1, RUN_BYTES / 2, RUN_BYTES - 1] {
                let within = NonNull::new(without_provenance_mut::<Slot>(start + offset)).expect("an address");
                assert_eq!(start_of(within).addr(), start);
            }
        }
    }
}

mod cases {
    use super::*;

    pub(super) fn slots_are_counted() {
        assert_eq!(census(), (0, Slots::default()));
        let (mut regions, mut live, mut unused, mut free) = (0, 0, 0, 0);
        for place in places() {
            let few = QUARANTINE / 2;
            let mut all: Vec<_> = (0..few).map(|_| take(place)).collect();
            (regions, live, unused) = (regions + 1, live + few, unused + in_region(place) - few);
            assert_eq!(census(), (regions, slots(live, free, unused, free)));
            all.extend((few..in_region(place)).map(|_| take(place)));
            (live, unused) = (live + in_region(place) - few, unused + few - in_region(place));
            assert_eq!(census(), (regions, slots(live, free, unused, free)));
            all.push(take(place));
            (regions, live, unused) = (regions + 1, live + 1, unused + in_region(place) - 1);
            assert_eq!(census(), (regions, slots(live, free, unused, free)));
            let distinct: BTreeSet<_> = all.iter().map(|slot| entry(*slot)).collect();
            assert_eq!(distinct.len(), all.len());
            give(all.drain(..few));
            (live, free) = (live - few, free + few);
            assert_eq!(census(), (regions, slots(live, free, unused, free)));
        }
    }

    pub(super) fn protected_slots_are_counted() {
        // SAFETY: each was claimed below, and nothing else has it.
        let give = |slot| assert!(unsafe { protected::release(slot) });
        let (mut regions, mut live, mut free) = (0, 0, 0);
        for place in places() {
            let in_region = RUNS * (RUN_BYTES / of(place).stride() - 1);
            let take = || protected::claim(without_provenance(64), place).expect("a slot").0;
            let all: Vec<_> = (0..in_region).map(|_| take()).collect();
            (regions, live) = (regions + 1, live + in_region);
            assert_eq!(census(), (regions, slots(live, free, 0, 0)));
            // A claim finds the free slots wherever they are.
            let some: BTreeSet<_> = all.iter().copied().skip(in_region / 3).step_by(in_region / 5).collect();
            some.iter().copied().for_each(give);
            assert_eq!(census(), (regions, slots(live - some.len(), free + some.len(), 0, 0)));
            assert_eq!(some.iter().map(|_| take()).collect::<BTreeSet<_>>(), some);
            assert_eq!(census(), (regions, slots(live, free, 0, 0)));
            let one_more = take();
            (regions, live, free) = (regions + 1, live + 1, free + in_region - 1);
            assert_eq!(census(), (regions, slots(live, free, 0, 0)));
            all.into_iter().take(2).chain([one_more]).for_each(give);
            (live, free) = (live - 3, free + 3);
            assert_eq!(census(), (regions, slots(live, free, 0, 0)));
        }
    }

    pub(super) fn a_thread_leaves_its_slots_to_others() {
        for place in places() {
            let before = census().0;
            let run = move || give((0..2 * QUARANTINE).map(|_| take(place)).collect::<Vec<_>>());
            std::thread::spawn(run).join().expect("no panic");
            let all: Vec<_> = (0..in_region(place)).map(|_| take(place)).collect();
            assert_eq!(census().0, before + 1);
            give(all);
        }
    }

    /// Allocators that use trampolines do this.
    pub(super) fn what_is_claimed_and_released_while_the_cache_is_in_use_is_not_lost() {
        for place in places() {
            let before = census().0;
            with_cache(of(place), |_, _| {
                let two = [take(place), take(place)];
                assert_ne!(two[0], two[1]);
                give(two);
            });
            let all: Vec<_> = (0..in_region(place)).map(|_| take(place)).collect();
            assert_eq!(census().0, before + 1);
            give(all);
        }
    }

    pub(super) fn what_is_reserved_needs_no_other_region() {
        for place in places() {
            // A region has room for these slots and for those that a thread may hold back, and no room for one more.
            let most = in_region(place) - (QUARANTINE + SURPLUS);
            let before = census();
            reserve(most, place).expect("slots");
            let after = census();
            assert_eq!((after.0, after.1.live), (before.0 + 1, before.1.live));
            assert_eq!(after.1.free - before.1.free, in_region(place));
            reserve(most + 1, place).expect("slots");
            assert_eq!(census().0, before.0 + 2);
        }
    }
}
