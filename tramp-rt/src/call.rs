//! A call on its way from C to the closure: the slot it came through, and the state it finds and leaves there.

use core::ptr::NonNull;

use crate::claim::Claimed;
use crate::direct;
use crate::misuse;
use crate::slot::{Slot, State};
use crate::sync::Ordering;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::DirectCall {}
    impl Sealed for super::MappedCall {}
}

/// A running call, of which there is a type for each kind of slot: the code of a call need not ask which it is.
pub trait Call: sealed::Sealed + Copy {
    /// The slot of the call.
    #[doc(hidden)]
    fn slot(self) -> &'static Slot;
    /// The right to release that slot.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "the trait is sealed and hidden")]
    fn claimed(self) -> Claimed;
    /// The state that let the call in, if no other call changed it.
    #[doc(hidden)]
    fn entered(self) -> State;
    /// The state while an `FnMut` closure runs.
    #[doc(hidden)]
    fn running() -> State;
    /// The state after an `FnOnce` closure was called.
    #[doc(hidden)]
    fn taken() -> State;
    /// Whether a call may go through this state.
    #[doc(hidden)]
    fn is_bound(state: State) -> bool;

    /// The end of a call that could not go through this state.
    #[doc(hidden)]
    #[cold]
    fn die_of(state: State) -> ! {
        if state == Self::running() {
            misuse::called_while_running()
        } else if state == Self::taken() {
            misuse::called_twice()
        } else {
            misuse::called_after_drop()
        }
    }
}

/// A call through a mapped thunk, as the argument that the thunk adds behind C's last.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct MappedCall(&'static Slot);

impl Call for MappedCall {
    #[inline(always)] // on the path of every call
    fn slot(self) -> &'static Slot {
        self.0
    }

    #[allow(private_interfaces, reason = "the trait is sealed and hidden")]
    fn claimed(self) -> Claimed {
        Claimed::mapped(NonNull::from(self.0))
    }

    #[inline(always)] // on the path of every exclusive call
    fn entered(self) -> State {
        self.0.handler.load(Ordering::Relaxed)
    }

    #[inline(always)] // on the path of every exclusive call
    fn running() -> State {
        misuse::called_while_running as State
    }

    fn taken() -> State {
        misuse::called_twice as State
    }

    fn is_bound(state: State) -> bool {
        state != Self::running() && state != Self::taken() && state != misuse::called_after_drop as State
    }
}

/// A call through a direct thunk, which has compared the slot's tag.
#[derive(Debug, Clone, Copy)]
pub struct DirectCall {
    pub(crate) slot: &'static Slot,
    pub(crate) tag: State,
}

impl Call for DirectCall {
    #[inline(always)] // on the path of every call, where the slot is a constant
    fn slot(self) -> &'static Slot {
        self.slot
    }

    #[allow(private_interfaces, reason = "the trait is sealed and hidden")]
    fn claimed(self) -> Claimed {
        Claimed::direct(NonNull::from(self.slot))
    }

    // A constant of the code: restoring it waits for no load, and so not for the store of the call before.
    #[inline(always)]
    fn entered(self) -> State {
        self.tag
    }

    #[inline(always)] // on the path of every exclusive call
    fn running() -> State {
        direct::RUNNING
    }

    fn taken() -> State {
        direct::TAKEN
    }

    fn is_bound(state: State) -> bool {
        direct::is_bound(state)
    }
}
