//! Runs that a thread has taken and could not open. They belong to no thread. The next thread that needs a run tries again
//! with one of them.
//!
//! The list goes through the word that links homes, because a run that was never opened is no home. A thread takes the whole
//! list, as it takes a home's slots. So nothing goes wrong if a head was taken and put back in the meantime.

use core::ptr::null_mut;

use super::home::Header;
use crate::sync::{AtomicPtr, Ordering};

pub(super) struct Refused(AtomicPtr<Header>);

impl Refused {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    pub(super) fn put(&self, run: &'static Header) {
        let mut first = self.0.load(Ordering::Relaxed);
        loop {
            run.next.store(first, Ordering::Relaxed);
            let put = core::ptr::from_ref(run).cast_mut();
            match self.0.compare_exchange_weak(first, put, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    pub(super) fn take(&self) -> Option<&'static Header> {
        // Mostly the list is empty. A load does not disturb other threads, as a swap does.
        if self.0.load(Ordering::Relaxed).is_null() {
            return None;
        }
        // SAFETY: the pointer is null or leads to a run's header, which is never unmapped.
        let list = |first: *mut Header| unsafe { first.as_ref() };
        let first = list(self.0.swap(null_mut(), Ordering::Acquire))?;
        let mut rest = first.next.load(Ordering::Relaxed);
        while let Some(run) = list(rest) {
            rest = run.next.load(Ordering::Relaxed);
            self.put(run);
        }
        Some(first)
    }
}
