//! The slots that one thread holds.

use core::ptr::{NonNull, null_mut};

use super::free::{Run, link, next};
use super::home::Header;
use crate::slot::Slot;
use crate::sync::Ordering;

/// How many slots a thread releases before it claims the first of them again.
pub(crate) const QUARANTINE: usize = if cfg!(loom) { 1 } else { 64 };

/// One thread's share of a pool.
pub(crate) struct Cache {
    /// The released slots, oldest first. The last link is null.
    pub(super) oldest: *mut Slot,
    pub(super) newest: *mut Slot,
    pub(super) resting: usize,
    /// Slots from a list, which have rested. They are linked as in the list.
    pub(super) stock: *mut Slot,
    pub(super) run: Run,
    /// The thread's home. It gets one when it first finds nothing to claim here.
    pub(super) home: Option<&'static Header>,
}

impl Cache {
    pub(crate) const EMPTY: Self =
        Self { oldest: null_mut(), newest: null_mut(), resting: 0, stock: null_mut(), run: Run::EMPTY, home: None };

    /// How many slots rest here.
    pub(crate) fn resting(&self) -> usize {
        self.resting
    }

    /// Claims a slot that has rested, or that was never used.
    #[inline]
    pub(crate) fn claim(&mut self) -> Option<NonNull<Slot>> {
        if self.resting > QUARANTINE { self.pop_one() } else { self.draw().or_else(|| self.run.take()) }
    }

    /// Like [`pop`](Self::pop), if other slots rest behind this one.
    #[inline]
    fn pop_one(&mut self) -> Option<NonNull<Slot>> {
        let slot = NonNull::new(self.oldest)?;
        self.oldest = link(slot).load(Ordering::Relaxed).cast();
        self.resting -= 1;
        Some(slot)
    }

    #[inline]
    pub(super) fn push(&mut self, slot: NonNull<Slot>) {
        link(slot).store(null_mut(), Ordering::Relaxed);
        match NonNull::new(self.newest) {
            Some(newest) => link(newest).store(slot.as_ptr().cast(), Ordering::Relaxed),
            None => self.oldest = slot.as_ptr(),
        }
        self.newest = slot.as_ptr();
        self.resting += 1;
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<NonNull<Slot>> {
        let slot = self.pop_one();
        if self.oldest.is_null() {
            self.newest = null_mut();
        }
        slot
    }

    /// Takes a slot of the stock.
    #[inline]
    pub(super) fn draw(&mut self) -> Option<NonNull<Slot>> {
        let slot = NonNull::new(self.stock)?;
        self.stock = next(slot).map_or(null_mut(), NonNull::as_ptr);
        Some(slot)
    }
}
