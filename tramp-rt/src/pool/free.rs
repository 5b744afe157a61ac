//! Free slots: how they are linked, how long they rest, and runs of those that were never used.

use core::ptr::NonNull;

use crate::slot::Slot;
use crate::sync::{AtomicPtr, Ordering};

/// How many slots a thread releases before it claims the first of them again.
pub(crate) const QUARANTINE: usize = if cfg!(loom) { 1 } else { 64 };

/// Slots that were never used: `left` of them, `stride` bytes apart.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) next: *mut Slot,
    pub(crate) left: usize,
    pub(crate) stride: usize,
}

impl Run {
    pub(super) const EMPTY: Self = Self { next: core::ptr::null_mut(), left: 0, stride: 0 };

    pub(super) fn take(&mut self) -> Option<NonNull<Slot>> {
        self.left = self.left.checked_sub(1)?;
        let slot = NonNull::new(self.next)?;
        self.next = self.next.wrapping_byte_add(self.stride);
        Some(slot)
    }
}

/// The link of a free slot, which is its `context`. Only who has the slot uses it.
#[inline]
pub(super) fn link<'a>(slot: NonNull<Slot>) -> &'a AtomicPtr<()> {
    // SAFETY: slots are never unmapped.
    unsafe { &(*slot.as_ptr()).context }
}

/// The slot behind a free one.
#[inline]
pub(super) fn next(slot: NonNull<Slot>) -> Option<NonNull<Slot>> {
    NonNull::new(link(slot).load(Ordering::Relaxed).cast())
}
