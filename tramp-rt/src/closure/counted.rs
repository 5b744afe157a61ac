//! Closures whose calls are counted, so that a drop is left to the last of them.

use core::fmt;
use core::marker::PhantomData;

use super::storage;
#[cfg(not(feature = "std"))]
use super::threads::Checked;
use super::threads::{Alter, AnyThread, Share, Stamped, Threads, sealed};
use crate::claim::call::Call;
use crate::claim::counted::{self, Counter};

/// The threads of `W` may call, and each call is counted: [`Trampoline::counted`](crate::Trampoline::counted).
#[derive(Debug, Clone, Copy)]
pub struct Counted<W = AnyThread>(PhantomData<W>);

impl<W: Stamped> sealed::Sealed for Counted<W> {}

impl<X, W: Stamped + Alter<X>> Alter<X> for Counted<W> {}
impl<X, W: Stamped + Share<X>> Share<X> for Counted<W> {}

#[cfg(not(feature = "std"))]
impl Checked for Counted<AnyThread> {}

impl<W: Stamped> Stamped for Counted<W> {
    fn stamp() -> W::Stamp {
        W::stamp()
    }
}

impl<W: Stamped> Threads for Counted<W> {
    type Stamp = W::Stamp;
    type Held = Inside;
    const ONLY_ONE: bool = W::ONLY_ONE;
    const FREES_ITSELF: bool = false;
    const MAY_BE_INLINE: bool = false;
    const COUNTED: bool = true;
    #[inline(always)]
    fn admit(stamp: &W::Stamp) {
        W::admit(stamp);
    }
    #[inline(always)]
    unsafe fn hold<C: Call>(call: C, tag: usize) -> Inside {
        // SAFETY: the slot was claimed for these threads, as `hold` demands: with a counter.
        let counter = unsafe { Counter::of(call.slot()) };
        counter.enter(tag);
        Inside(counter)
    }
}

/// A call that is counted, also if it unwinds.
pub struct Inside(&'static Counter);

impl Drop for Inside {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.leave() {
            // SAFETY: the owner is gone, and this was the last call.
            unsafe { end(self.0) }
        }
    }
}

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inside").finish_non_exhaustive()
    }
}

/// Gives a counted slot back and drops its closure.
///
/// # Safety
/// The counter is closed, no call is in, and this is done once.
#[cold]
#[inline(never)]
pub(crate) unsafe fn end(counter: &'static Counter) {
    let kept = counter.kept();
    // SAFETY: the counter is closed, no call is in, and nothing else releases it: the conditions of `end`.
    unsafe { counted::release(counter) };
    // SAFETY: `keep_counted` made it, and it was read before the release.
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

    /// A call that has passed the handler when the slot goes to a closure of another type.
    #[test]
    fn a_counted_call_dies_of_another_types_tag() {
        if std::env::var_os(CHILD).is_some() {
            let live = Trampoline::<unsafe extern "C" fn()>::counted(|| ()).expect("a slot");
            let slot = (live.as_fn() as *const ()).wrapping_byte_add(crate::arch::distance()).cast::<Slot>();
            // SAFETY: the slot of a counted trampoline.
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
