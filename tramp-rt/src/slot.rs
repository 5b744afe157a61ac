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

use crate::sync::AtomicPtr;

/// What a slot's `handler` word holds.
pub(crate) type State = *mut ();

/// The states of a slot whose `handler` is compared and not jumped to. A tag is every other value that has the bit `TAG`.
#[cfg(not(loom))]
pub(crate) mod compared {
    use super::State;

    pub(crate) const FREE: State = core::ptr::null_mut();
    pub(crate) const CLAIMED: State = core::ptr::without_provenance_mut(1);
    pub(crate) const RUNNING: State = core::ptr::without_provenance_mut(2);
    pub(crate) const TAKEN: State = core::ptr::without_provenance_mut(3);
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
