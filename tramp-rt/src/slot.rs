//! A slot: the two words behind each trampoline.
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
//! release, its words belong to the owner. At other times they belong to the allocator of the slot. Slots are never
//! unmapped. So a late call always finds the poison and never unmapped memory.

use crate::sync::{AtomicPtr, Ordering};

/// The value of a slot's `handler` word.
pub(crate) type State = *mut ();

/// The states of a slot whose `handler` word is compared. A tag is any other value that has the bit `TAG`.
pub(crate) mod compared {
    use super::State;

    pub(crate) const FREE: State = core::ptr::null_mut();
    pub(crate) const RUNNING: State = core::ptr::without_provenance_mut(2);
    pub(crate) const SPENT: State = core::ptr::without_provenance_mut(3);
    /// The owner was dropped while a call ran, and this call still has to release the slot.
    pub(crate) const ORPHANED: State = core::ptr::without_provenance_mut(8);
    /// The bits that every tag has and that no other state has.
    pub(crate) const TAG_BITS: usize = 4;
}

/// The words of a slot. The table above says what each means.
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

/// The changes of a slot's state that several threads may make at the same time. Each of them is one exchange.
impl Slot {
    /// A call begins: it changes the state and returns the previous one. If several calls begin, only one finds the
    /// slot bound.
    #[inline(always)] // on the path of every exclusive call
    pub(crate) fn begin(&self, during: State) -> State {
        self.handler.swap(during, Ordering::Acquire)
    }

    /// A call ends: it changes the state back from `running`. Returns whether the owner was dropped during the call.
    #[inline(always)] // on the path of every exclusive call
    pub(crate) fn end(&self, running: State, before: State) -> bool {
        self.handler.compare_exchange(running, before, Ordering::Release, Ordering::Acquire).is_err()
    }

    /// The owner is dropped. Returns whether a call is `running`. That call then finds out about the drop.
    #[inline(always)]
    pub(crate) fn orphan(&self, running: State, orphaned: State) -> bool {
        self.handler.swap(orphaned, Ordering::AcqRel) == running
    }
}

/// A slot whose thunk leads to the stack routine. That routine has to know more than the handler of a register.
#[cfg(all(feature = "mapped", not(loom)))]
#[repr(C, align(32))]
pub(crate) struct StackSlot {
    pub(crate) slot: Slot,
    pub(crate) stack_handler: AtomicPtr<()>,
    pub(crate) copied: CopiedArguments,
}

/// What the stack routine has to know about the arguments that it copies.
#[cfg(all(feature = "mapped", not(loom)))]
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CopiedArguments {
    /// The bytes that they take on the stack.
    pub(crate) bytes: u32,
    /// The bytes by which the routine lowers the stack pointer for the copy.
    pub(crate) frame: u32,
}

#[cfg(all(feature = "mapped", not(loom)))]
impl CopiedArguments {
    /// Where no argument is copied.
    pub(crate) const NONE: Self = Self { bytes: 0, frame: 0 };

    /// For the dynamic routine, which copies none: `bytes` is the number of floating-point registers that have an argument. The
    /// routine stores all of them until the closure's prototype is known.
    pub(crate) const ALL_FLOATS: Self = Self { bytes: u32::MAX, frame: 0 };
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

    /// A slot, and a closure that counts what is done to it. Loom reports a data race if two threads are in the closure
    /// at once.
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
            // SAFETY: loom reports every other thread that is inside.
            self.closure.with_mut(|closure| change(unsafe { &mut *closure }));
        }

        /// Returns whether the call was let in. If not, the call dies.
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
