//! A call on its way from C to the closure: the slot through which it came, and the state that it finds and leaves
//! there.

use core::ptr::NonNull;

use crate::misuse;
use crate::slot::{Slot, State};
use crate::sync::Ordering;

pub(super) mod sealed {
    pub trait Sealed {}
}

/// A running call. Each kind of slot has a type of its own, so the code of a call need not ask which kind it is.
///
/// Code that has a value of such a type may change the slot's state. So only `unsafe` code or C makes one.
pub trait Call: sealed::Sealed + Copy {
    /// Whether the slot begins the block that holds the closure. Such a slot cannot hold the closure itself.
    #[doc(hidden)]
    const BY_DATA: bool = false;
    /// Whether the thread was checked before this value was made.
    #[doc(hidden)]
    const HAS_CHECKED_THREAD: bool = false;
    /// The call's slot, by a pointer that may access all that the slot lies in.
    #[doc(hidden)]
    fn address(self) -> NonNull<Slot>;
    /// The two words of the slot.
    #[doc(hidden)]
    #[inline(always)] // on the path of every call
    fn slot(self) -> &'static Slot {
        // SAFETY: a call's slot is static, or mapped until the process ends, or the beginning of a block that lives
        // while calls of it run. All its fields are atomics.
        unsafe { self.address().as_ref() }
    }
    /// Gives the slot back.
    ///
    /// # Safety
    /// Only this call owns it.
    #[doc(hidden)]
    unsafe fn release(self);
    /// The state that let the call in, unless another call has changed it.
    #[doc(hidden)]
    fn bound_state(self) -> State;
    /// The state while an `FnMut` closure runs.
    #[doc(hidden)]
    fn running() -> State;
    /// The state after an `FnOnce` closure was called.
    #[doc(hidden)]
    fn spent() -> State;
    /// Whether a slot in this state is bound to the closure of this call.
    #[doc(hidden)]
    fn is_own(self, state: State) -> bool;

    /// Ends the process, because a call found this state and could not get in.
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

/// Whether a call has taken the closure of this slot. Works for every kind of slot.
pub(crate) fn is_spent(slot: &Slot) -> bool {
    let state = slot.handler.load(Ordering::Relaxed);
    state == crate::slot::compared::SPENT || state == MappedCall::spent()
}

/// Lets no more calls into a slot whose owner is being dropped. Returns whether a call of an `FnMut` closure is
/// running. That call finds the changed state when it returns, and then does what the owner would have done.
///
/// With `only_one`, one thread makes all calls and drops the owner. So nothing happens between the two accesses.
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

/// A call through a mapped thunk. It is the argument that the thunk adds behind C's last one.
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
        // SAFETY: a mapped thunk passed its own slot, and only this call owns the slot, so nothing else releases it.
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
        // The thunk jumped to the closure's handler, and a free slot rests for a while before it gets another handler.
        state != Self::running() && state != Self::spent() && state != Self::orphaned()
    }
}

impl MappedCall {
    /// As a call of this slot would be, to find what it is bound to before there is one.
    ///
    /// # Safety
    /// * The slot is a mapped one, and nobody else uses it.
    #[cfg(feature = "mapped")]
    pub(crate) unsafe fn before_any(slot: NonNull<()>) -> Self {
        Self(slot.cast())
    }

    /// Tells the slot how many floating-point registers the dynamic routine has to store. A late call may read the
    /// number at the same time. It ends the process with either number.
    ///
    /// # Safety
    /// * The slot leads to the dynamic routine, and only the caller writes to it.
    #[cfg(feature = "mapped")]
    pub(crate) unsafe fn tell_float_registers(self, count: u32) {
        // SAFETY: such a slot is one of the stack's table, and slots are never unmapped. Rust code that runs at the same time
        // does not access this field.
        unsafe {
            let bytes = &raw mut (*self.0.cast::<crate::slot::StackSlot>().as_ptr()).copied.bytes;
            core::sync::atomic::AtomicU32::from_ptr(bytes).store(count, Ordering::Relaxed);
        }
    }

    /// The state of a slot whose owner was dropped while a call ran. It is the state of free slots, so a late call ends
    /// with a message.
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

    /// No other thread calls. So the state changes only for a call that is running.
    #[test]
    fn with_one_thread_only_a_running_call_is_told() {
        for (before, after) in [(BOUND, BOUND), (RUNNING, ORPHANED)] {
            let slot = slot(before);
            assert_eq!(orphan(&slot, RUNNING, ORPHANED, true), before == RUNNING);
            assert_eq!(slot.handler.load(Ordering::Relaxed), after);
        }
    }

    /// The thunk reads the handler. Then another thread's call, or the owner, changes the handler.
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
