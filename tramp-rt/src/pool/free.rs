//! Slots without a closure: runs that were never used, and chains that are linked through `context`.

use core::ptr::NonNull;

use crate::slot::Slot;
use crate::sync::{AtomicPtr, Ordering};

/// Slots that were never used. There are `left` of them, `stride` bytes apart.
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

/// The link of a free slot, which is its `context`. Only the thread that has the slot uses it.
#[inline]
pub(super) fn link<'a>(slot: NonNull<Slot>) -> &'a AtomicPtr<()> {
    // SAFETY: slots are never unmapped.
    unsafe { &(*slot.as_ptr()).context }
}

/// The next slot in the chain.
#[inline]
pub(super) fn next(slot: NonNull<Slot>) -> Option<NonNull<Slot>> {
    NonNull::new(link(slot).load(Ordering::Relaxed).cast())
}

/// Makes one list of two. This takes as many steps as the shorter list has slots.
pub(super) fn join(one: NonNull<Slot>, other: NonNull<Slot>) -> NonNull<Slot> {
    let mut last = (one, other);
    while let (Some(of_one), Some(of_other)) = (next(last.0), next(last.1)) {
        last = (of_one, of_other);
    }
    let (first, last, behind) = if next(last.0).is_none() { (one, last.0, other) } else { (other, last.1, one) };
    link(last).store(behind.as_ptr().cast(), Ordering::Relaxed);
    first
}
