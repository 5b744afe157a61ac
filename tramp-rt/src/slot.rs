//! A slot: the two words behind every trampoline.
//!
//! ```text
//!            ┌─────────┬─────────────────────────┬─────────────────────────┐
//!            │ word    │ mapped slot             │ direct slot             │
//!   bound    ├─────────┼─────────────────────────┼─────────────────────────┤
//!            │ context │ the closure, see kept   │ the closure, see kept   │
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
