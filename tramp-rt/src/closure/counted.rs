//! Closures whose calls are counted. If an owner is dropped while calls run, the last of them drops the closure.

use core::fmt;

use super::lease::{Count, Lease, sealed};
use super::storage;
use crate::claim::call::Call;
use crate::claim::counted::{self, Counter};

/// Until the owner has dropped it and the last call has returned.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted;

impl sealed::Sealed for Counted {}

impl Lease for Counted {
    const MAY_BE_INLINE: bool = false;
    type Count = CountGuard;
}

/// A call that is counted, even if it unwinds.
pub struct CountGuard(&'static Counter);

impl Count for CountGuard {
    const COUNTED: bool = true;
    #[inline(always)]
    unsafe fn enter<C: Call>(call: C, tag: usize) -> Self {
        // SAFETY: the slot was claimed with a counter: the condition of `enter`.
        let counter = unsafe { Counter::of(call.slot()) };
        counter.enter(tag);
        Self(counter)
    }
}

impl Drop for CountGuard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.leave() {
            // SAFETY: `leave` returned true, so the counter is closed and no other call is running. Only one call sees
            // that.
            unsafe { end(self.0) }
        }
    }
}

impl fmt::Debug for CountGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountGuard").finish_non_exhaustive()
    }
}

/// Ends a counted closure, because its owner is being dropped. If calls are running, the last of them does it.
///
/// # Safety
/// The caller is the owner, and does this once.
#[inline(never)]
pub(crate) unsafe fn orphan(counter: &'static Counter) {
    if counter.close() {
        // SAFETY: the counter is closed and no call is running. The owner does this once.
        unsafe { end(counter) }
    }
}

/// Gives a counted slot back and drops its closure.
///
/// # Safety
/// The counter is closed, no call is running, and nobody does this again.
#[cold]
#[inline(never)]
pub(crate) unsafe fn end(counter: &'static Counter) {
    // SAFETY: the counter is closed, no call is running, and nobody releases it again: the conditions of `end`.
    let kept = unsafe { counted::release(counter) };
    // SAFETY: `store_counted` made the block, and the counter no longer leads to it.
    unsafe { storage::drop_owned(kept) }
}

#[cfg(all(test, feature = "mapped"))]
mod tests {
    use std::process::exit;

    use super::*;
    use crate::Trampoline;
    use crate::alone::alone;
    use crate::slot::Slot;

    const CHILD: &str = "TRAMP_TEST_COUNTED_TAG";

    /// A call has passed the handler. Then the slot goes to a closure of another type.
    #[test]
    fn a_counted_call_dies_of_another_types_tag() {
        if std::env::var_os(CHILD).is_some() {
            let live = Trampoline::<unsafe extern "C" fn()>::counted(|| ()).expect("a slot");
            let slot = (live.as_fn() as *const ()).wrapping_byte_add(crate::arch::distance()).cast::<Slot>();
            // SAFETY: it is the slot of a counted trampoline.
            let counter = unsafe { Counter::of(&*slot) };
            counter.enter(1);
            exit(0);
        }
        let mut child = alone(module_path!(), "a_counted_call_dies_of_another_types_tag");
        let output = child.env(CHILD, "1").output().expect("a child process");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains("called after its trampoline was dropped"), "{stderr}");
    }
}
