//! The slots that one thread holds.

use core::ptr::NonNull;

use super::{QUARANTINE, Run};
use crate::slot::Slot;
use crate::sync::Ordering;

/// One thread's share of a pool.
pub(crate) struct Cache {
    /// The released slots, oldest first; the last one's link is null.
    pub(super) oldest: *mut Slot,
    pub(super) newest: *mut Slot,
    pub(super) resting: usize,
    pub(super) run: Run,
}

impl Cache {
    pub(crate) const EMPTY: Self =
        Self { oldest: core::ptr::null_mut(), newest: core::ptr::null_mut(), resting: 0, run: Run::EMPTY };

    /// How many slots rest here.
    pub(crate) fn resting(&self) -> usize {
        self.resting
    }

    /// A slot that has rested, or was never used.
    #[inline]
    pub(crate) fn claim(&mut self) -> Option<NonNull<Slot>> {
        if self.resting > QUARANTINE { self.pop() } else { self.run.take() }
    }

    #[inline]
    pub(super) fn push(&mut self, slot: NonNull<Slot>) {
        // SAFETY: the slot was released to this cache, and slots are never unmapped.
        let link = unsafe { &slot.as_ref().context };
        link.store(core::ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: `newest` is null or a slot that rests in this cache.
        match unsafe { self.newest.as_ref() } {
            Some(newest) => newest.context.store(slot.as_ptr().cast(), Ordering::Relaxed),
            None => self.oldest = slot.as_ptr(),
        }
        self.newest = slot.as_ptr();
        self.resting += 1;
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<NonNull<Slot>> {
        let slot = NonNull::new(self.oldest)?;
        // SAFETY: it rests in this cache.
        self.oldest = unsafe { slot.as_ref() }.context.load(Ordering::Relaxed).cast();
        if self.oldest.is_null() {
            self.newest = core::ptr::null_mut();
        }
        self.resting -= 1;
        Some(slot)
    }
}
