//! A call on its way from C to the closure: the slot it came through, and the state it finds and leaves there.

use core::ptr::NonNull;

use crate::misuse;
use crate::slot::{Slot, State};
use crate::sync::Ordering;

pub(super) mod sealed {
    pub trait Sealed {}
}

/// A running call, of which there is a type for each kind of slot: the code of a call need not ask which it is.
///
/// Who has a value of such a type may change the slot's state. So whatever makes one is `unsafe`, or C passes it.
pub trait Call: sealed::Sealed + Copy {
    /// Whether the slot begins the block that the closure is kept in, and is none that could hold it.
    #[doc(hidden)]
    const BY_DATA: bool = false;
    /// Whether the thread was compared before there was a value of this type.
    #[doc(hidden)]
    const HAS_CHECKED_THREAD: bool = false;
    /// The slot of the call, by a pointer to all that it lies in.
    #[doc(hidden)]
    fn address(self) -> NonNull<Slot>;
    /// The two words of the slot.
    #[doc(hidden)]
    #[inline(always)] // on the path of every call
    fn slot(self) -> &'static Slot {
        // SAFETY: a call's slot is static, mapped for as long as the process lives, or begins a block that is there for as
        // long as calls of it are; and all its fields are atomics.
        unsafe { self.address().as_ref() }
    }
    /// Gives the slot back.
    ///
    /// # Safety
    /// It has no owner but this call.
    #[doc(hidden)]
    unsafe fn release(self);
    /// The state that let the call in, if no other call changed it.
    #[doc(hidden)]
    fn bound_state(self) -> State;
    /// The state while an `FnMut` closure runs.
    #[doc(hidden)]
    fn running() -> State;
    /// The state after an `FnOnce` closure was called.
    #[doc(hidden)]
    fn spent() -> State;
    /// Whether this is the state of a slot that is bound to the closure of this call.
    #[doc(hidden)]
    fn is_own(self, state: State) -> bool;

    /// The end of a call that could not go through this state.
    #[doc(hidden)]
    #[cold]
    fn die_of(state: State) -> ! {
        if state == Self::running() {
            misuse::called_while_running()
        } else if state == Self::spent() {
            misuse::called_twice()
        } else {
            misuse::called_after_drop()
        }
    }
}

/// Whether a call has taken the closure of this slot, whatever kind the slot is of.
pub(crate) fn is_spent(slot: &Slot) -> bool {
    let state = slot.handler.load(Ordering::Relaxed);
    state == crate::slot::compared::SPENT || state == MappedCall::spent()
}

/// Keeps calls to come out of a slot whose owner is dropped. Returns whether a call of an `FnMut` closure runs: when it
/// returns it finds its state changed, and does then what the owner would have done.
///
/// With `only_one` thread that calls and drops, nothing happens between the two accesses.
#[inline]
pub(crate) fn orphan(slot: &Slot, running: State, orphaned: State, only_one: bool) -> bool {
    if !only_one {
        return slot.orphan(running, orphaned);
    }
    let runs = slot.handler.load(Ordering::Relaxed) == running;
    if runs {
        slot.handler.store(orphaned, Ordering::Relaxed);
    }
    runs
}

/// A call through a mapped thunk, as the argument that the thunk adds behind C's last.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct MappedCall(NonNull<Slot>);

impl sealed::Sealed for MappedCall {}

impl Call for MappedCall {
    #[inline(always)] // on the path of every call
    fn address(self) -> NonNull<Slot> {
        self.0
    }

    #[inline]
    unsafe fn release(self) {
        // SAFETY: a mapped thunk passed its own slot, which has no owner but this call, so nothing else releases it.
        #[cfg(feature = "mapped")]
        unsafe {
            crate::table::release::<true>(self.0);
        }
    }

    #[inline(always)] // on the path of every exclusive call
    fn bound_state(self) -> State {
        self.slot().handler.load(Ordering::Relaxed)
    }

    #[inline(always)] // on the path of every exclusive call
    fn running() -> State {
        misuse::called_while_running as State
    }

    fn spent() -> State {
        misuse::called_twice as State
    }

    fn is_own(self, state: State) -> bool {
        // The thunk jumped to the closure's handler, and a slot rests before it gets another.
        state != Self::running() && state != Self::spent() && state != Self::orphaned()
    }
}

impl MappedCall {
    /// The state of a slot whose owner was dropped while a call ran: that of free slots, which late calls die of.
    pub(crate) fn orphaned() -> State {
        misuse::called_after_drop as State
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance_mut;

    use super::*;
    use crate::slot::compared::{ORPHANED, RUNNING};

    const BOUND: State = without_provenance_mut(1 << 12);

    fn slot(state: State) -> Slot {
        let slot = Slot::new();
        slot.handler.store(state, Ordering::Relaxed);
        slot
    }

    /// Another thread may call between the drop of the owner and the release of the slot.
    #[test]
    fn an_orphaned_slot_lets_no_other_thread_in() {
        for (before, runs) in [(BOUND, false), (RUNNING, true)] {
            let slot = slot(before);
            assert_eq!(orphan(&slot, RUNNING, ORPHANED, false), runs);
            assert_eq!(slot.handler.load(Ordering::Relaxed), ORPHANED);
        }
    }

    /// There is no such call, so the state changes only for a call that runs.
    #[test]
    fn with_one_thread_only_a_running_call_is_told() {
        for (before, after) in [(BOUND, BOUND), (RUNNING, ORPHANED)] {
            let slot = slot(before);
            assert_eq!(orphan(&slot, RUNNING, ORPHANED, true), before == RUNNING);
            assert_eq!(slot.handler.load(Ordering::Relaxed), after);
        }
    }

    /// The thunk read the handler before another thread's call, or the owner, changed it.
    #[test]
    fn a_call_that_comes_too_late_finds_the_state_of_another() {
        let slot = slot(BOUND);
        let call = MappedCall(NonNull::from(&slot));
        assert!(call.is_own(BOUND));
        for state in [MappedCall::running(), MappedCall::spent(), MappedCall::orphaned()] {
            assert!(!call.is_own(state));
        }
    }
}
