//! A slot: the two words behind every trampoline.
//!
//! ```text
//!            ┌─────────┬─────────────────────────┬─────────────────────────┐
//!            │ word    │ mapped slot             │ direct slot, user data  │
//!   bound    ├─────────┼─────────────────────────┼─────────────────────────┤
//!            │ context │ the closure, see storage │ the closure, see storage │
//!            │ handler │ compiled code to run it │ tag of the owning type  │
//!   free     ├─────────┼─────────────────────────┼─────────────────────────┤
//!            │ context │ next free slot          │ (unused)                │
//!            │ handler │ poison                  │ FREE                    │
//!            └─────────┴─────────────────────────┴─────────────────────────┘
//! ```
//!
//! A slot is *free*, then *claimed* by exactly one owner, then *bound* to a closure, then *released*. Between claim and
//! release its words belong to the owner; before and after, to the allocator it came from. Slots are never unmapped, so
//! that a late call always finds the poison and never a hole.

use crate::sync::{AtomicPtr, Ordering};

/// What a slot's `handler` word holds.
pub(crate) type State = *mut ();

/// The states of a slot whose `handler` is compared and not jumped to. A tag is every other value that has the bit `TAG`.
pub(crate) mod compared {
    use super::State;

    pub(crate) const FREE: State = core::ptr::null_mut();
    pub(crate) const CLAIMED: State = core::ptr::without_provenance_mut(1);
    pub(crate) const RUNNING: State = core::ptr::without_provenance_mut(2);
    pub(crate) const SPENT: State = core::ptr::without_provenance_mut(3);
    /// The owner was dropped while a call ran, which has still to release the slot.
    pub(crate) const ORPHANED: State = core::ptr::without_provenance_mut(8);
    /// The bits that every tag has and no other state.
    pub(crate) const TAG_BITS: usize = 4;
}

/// The words of a slot. What each means is the table above.
#[repr(C)]
#[derive(Debug)]
pub struct Slot {
    pub(crate) context: AtomicPtr<()>,
    pub(crate) handler: AtomicPtr<()>,
}

impl Slot {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self { context: AtomicPtr::new(core::ptr::null_mut()), handler: AtomicPtr::new(core::ptr::null_mut()) }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self { context: AtomicPtr::new(core::ptr::null_mut()), handler: AtomicPtr::new(core::ptr::null_mut()) }
    }
}

/// The changes of a slot's state that several threads may make at once. Each of them is one exchange.
impl Slot {
    /// A call begins: it changes the state and returns the one before. Of several calls, one finds the slot bound.
    #[inline(always)] // on the path of every exclusive call
    pub(crate) fn begin(&self, during: State) -> State {
        self.handler.swap(during, Ordering::Acquire)
    }

    /// A call ends: it changes the state back from `running`. Returns whether the owner was dropped meanwhile.
    #[inline(always)] // on the path of every exclusive call
    pub(crate) fn end(&self, running: State, before: State) -> bool {
        self.handler.compare_exchange(running, before, Ordering::Release, Ordering::Acquire).is_err()
    }

    /// The owner is dropped. Returns whether a call is `running`, which will find that out.
    #[inline(always)]
    pub(crate) fn orphan(&self, running: State, orphaned: State) -> bool {
        self.handler.swap(orphaned, Ordering::AcqRel) == running
    }
}

/// A slot whose thunk leads to the stack routine, which has to know more than a register's handler.
#[cfg(all(feature = "mapped", not(loom)))]
#[repr(C, align(32))]
pub(crate) struct StackSlot {
    pub(crate) slot: Slot,
    pub(crate) stack_handler: AtomicPtr<()>,
    pub(crate) copied: CopiedArguments,
}

/// What the stack routine has to know of the arguments that it copies.
#[cfg(all(feature = "mapped", not(loom)))]
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CopiedArguments {
    /// What they take on the stack.
    pub(crate) bytes: u32,
    /// By how much it lowers the stack pointer for the copy.
    pub(crate) frame: u32,
}

/// Models of a slot's state, checked by loom in every interleaving: `ci/loom`.
#[cfg(all(test, loom))]
mod model {
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    use super::compared::{ORPHANED, RUNNING, TAG_BITS};
    use super::{Ordering, Slot, State};

    const BOUND: State = core::ptr::without_provenance_mut(TAG_BITS);

    /// A slot, and a closure that counts what is done to it. Two that are in it at once are reported as a data race.
    struct Bound {
        slot: Slot,
        closure: UnsafeCell<Closure>,
    }

    #[derive(Default)]
    struct Closure {
        calls: usize,
        drops: usize,
    }

    // SAFETY: loom watches the cell.
    unsafe impl Sync for Bound {}

    fn bound() -> Arc<Bound> {
        let bound = Bound { slot: Slot::new(), closure: UnsafeCell::new(Closure::default()) };
        bound.slot.handler.store(BOUND, Ordering::Relaxed);
        Arc::new(bound)
    }

    impl Bound {
        fn change(&self, change: impl FnOnce(&mut Closure)) {
            // SAFETY: loom reports whoever else is inside.
            self.closure.with_mut(|closure| change(unsafe { &mut *closure }));
        }

        /// Returns whether the call was let in. If not it dies.
        fn begin(&self) -> bool {
            let is_in = self.slot.begin(RUNNING) == BOUND;
            if is_in {
                self.change(|closure| closure.calls += 1);
            }
            is_in
        }

        fn end(&self) {
            if self.slot.end(RUNNING, BOUND) {
                self.change(|closure| closure.drops += 1);
            }
        }

        fn drop_owner(&self) {
            if !self.slot.orphan(RUNNING, ORPHANED) {
                self.change(|closure| closure.drops += 1);
            }
        }
    }

    #[test]
    fn one_of_two_calls_is_let_in() {
        loom::model(|| {
            let bound = bound();
            let other = {
                let bound = bound.clone();
                thread::spawn(move || bound.begin())
            };
            let is_in = bound.begin();
            assert_ne!(is_in, other.join().expect("no panic"));
        });
    }

    #[test]
    fn whoever_is_last_drops_the_closure() {
        loom::model(|| {
            let bound = bound();
            let other = {
                let bound = bound.clone();
                thread::spawn(move || {
                    let is_in = bound.begin();
                    if is_in {
                        bound.end();
                    }
                    is_in
                })
            };
            bound.drop_owner();
            let was_in = other.join().expect("no panic");
            bound.change(|closure| assert_eq!((closure.calls, closure.drops), (usize::from(was_in), 1)));
        });
    }
}
