//! A call on its way from C to the closure: the slot it came through, and the state it finds and leaves there.

use core::ptr::NonNull;

use crate::claim::Claimed;
use crate::direct;
use crate::misuse;
use crate::slot::{Slot, State};
use crate::sync::Ordering;

/// The slot of a running call. `DIRECT` says which kind it is, so that the code of a call need not ask.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct Call<const DIRECT: bool>(NonNull<Slot>);

/// A call through a mapped thunk, as the argument that the thunk adds behind C's last.
pub type MappedCall = Call<false>;

/// A call through a direct thunk.
pub(crate) type DirectCall = Call<true>;

impl<const DIRECT: bool> Call<DIRECT> {
    #[inline(always)] // on the path of every direct call, where the slot is a constant
    pub(crate) const fn through(slot: NonNull<Slot>) -> Self {
        Self(slot)
    }

    #[inline(always)] // on the path of every call
    pub(crate) fn slot(self) -> &'static Slot {
        // SAFETY: thunks have the addresses of slots, which are static or mapped for as long as the process lives.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn claimed(self) -> Claimed {
        if DIRECT { Claimed::direct(self.0) } else { Claimed::mapped(self.0) }
    }

    /// The word that a call goes through: what is bound, or what to die of.
    #[inline(always)] // on the path of every direct call
    pub(crate) fn state(self) -> State {
        self.slot().handler.load(Ordering::Relaxed)
    }

    /// The state while an `FnMut` closure runs.
    #[inline(always)] // on the path of every exclusive call
    pub(crate) fn running() -> State {
        if DIRECT { direct::RUNNING } else { misuse::called_while_running as State }
    }

    /// The state after an `FnOnce` closure was called.
    pub(crate) fn taken() -> State {
        if DIRECT { direct::TAKEN } else { misuse::called_twice as State }
    }

    /// Whether a call may go through this state.
    pub(crate) fn is_bound(state: State) -> bool {
        if DIRECT {
            direct::is_bound(state)
        } else {
            state != Self::running() && state != Self::taken() && state != misuse::called_after_drop as State
        }
    }

    /// The end of a call that could not go through this state.
    #[cold]
    pub(crate) fn die_of(state: State) -> ! {
        if state == Self::running() {
            misuse::called_while_running()
        } else if state == Self::taken() {
            misuse::called_twice()
        } else {
            misuse::called_after_drop()
        }
    }
}
