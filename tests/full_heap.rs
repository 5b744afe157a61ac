//! A heap without room for a closure: the constructor returns an error and the closure, and the slot is free again.

#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of live trampolines")]

use tramp_rt::{CreateError, Error, Trampoline, UserData, diagnostics, trampoline};
use tramp_test_support::{MayBeFull, direct_and_mapped, on_a_full_heap};

#[global_allocator]
static ALLOCATOR: MayBeFull = MayBeFull;

type Get = unsafe extern "C" fn() -> usize;

/// The same through user data.
#[trampoline]
type DataGet = unsafe extern "C" fn(data: UserData) -> usize;

/// Creates while the heap is full.
fn fail<T, F>(create: impl FnOnce() -> Result<T, CreateError<F>>) -> F {
    match on_a_full_heap(create) {
        Ok(_) => panic!("there was room"),
        Err(failed) => {
            assert!(matches!(failed.error, Error::Heap { .. }), "{}", failed.error);
            failed.closure
        }
    }
}

/// The taken slots, mapped and direct.
fn live() -> (usize, usize) {
    let diagnostics = diagnostics();
    (diagnostics.slots.live, diagnostics.direct_live)
}

/// The number of the process's mappings, where the system reports it.
fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").map_or(0, |maps| maps.lines().count())
}

/// The only test of this program, because it counts all slots.
#[test]
fn a_closure_that_the_heap_has_no_room_for_leaves_its_slot_free() {
    direct_and_mapped(|| {
        let large = [1, 2, 3];
        let closure = move || large.iter().sum::<usize>();
        // The probe, the caches and the first table are there.
        drop(Trampoline::<Get>::new(closure).expect("a slot"));
        // And counters that have rested, so that what fails is the closure's memory.
        (0..200).for_each(|_| drop(Trampoline::<Get>::counted(closure).expect("a slot")));
        // A protected slot needs memory for its region's record first. On Windows this would be the second region, for which
        // the standard library puts the path of the program's file on the heap.
        if cfg!(unix) {
            let mapped = mappings();
            assert_eq!(fail(|| Trampoline::<Get>::protected(closure))(), 6);
            assert_eq!(mappings(), mapped);
        }
        let before = live();
        for _ in 0..300 {
            assert_eq!(fail(|| Trampoline::<Get>::new(closure))(), 6);
            assert_eq!(fail(|| Trampoline::<Get>::local(closure))(), 6);
            assert_eq!(fail(|| Trampoline::<Get>::new_mut(closure))(), 6);
            assert_eq!(fail(|| Trampoline::<Get>::local_mut(closure))(), 6);
            assert_eq!(fail(|| Trampoline::<Get>::counted(closure))(), 6);
            assert_eq!(fail(|| Trampoline::<Get>::once(closure))(), 6);
            assert_eq!(fail(|| Trampoline::<Get>::local_once(closure))(), 6);
            let lent =
                tramp_rt::scope(|s| fail(|| s.lend::<Get, _>(closure))() + fail(|| s.lend::<DataGet, _>(closure))());
            assert_eq!(lent, 12);
        }
        assert_eq!(live(), before);
        let get = Trampoline::<Get>::new(closure).expect("there is room again");
        assert_eq!(unsafe { (get.as_fn())() }, 6);
    });
}
