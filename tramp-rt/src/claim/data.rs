//! Slots at the beginning of what C's user data points to. They have no thunk and no probe, and they are freed with
//! their closure.

use core::ptr::NonNull;

use super::call::{Call, sealed};
use crate::signature::UserData;
use crate::slot::{Slot, State, compared};
use crate::sync::Ordering;

/// The beginning of every block behind user data.
#[repr(C)]
pub(crate) struct Start {
    /// `handler` is the state, with the values of a direct slot. `context` leads to the header.
    pub(crate) slot: Slot,
    entry: *const (),
}

impl Start {
    /// Begins a block. C passes its address to `entry` as user data.
    pub(crate) fn new(entry: *const ()) -> Self {
        let slot = Slot::new();
        slot.handler.store(DataCall::BOUND, Ordering::Relaxed);
        Self { slot, entry }
    }

    /// Lets in no more calls that look at the state, because the closure is about to be dropped.
    #[inline]
    pub(crate) fn close(&self) {
        self.slot.handler.store(compared::ORPHANED, Ordering::Relaxed);
    }
}

/// The function that C calls with this user data.
pub(crate) fn entry(start: NonNull<Start>) -> *const () {
    // SAFETY: a claim's block lives for as long as the claim.
    unsafe { (*start.as_ptr()).entry }
}

/// A call with user data. Its slot begins the closure's block, and no other closure uses it.
#[derive(Debug, Clone, Copy)]
pub struct DataCall(NonNull<Slot>);

impl sealed::Sealed for DataCall {}

impl DataCall {
    /// The state while no call changes it. Any value would do that no other state has.
    const BOUND: State = core::ptr::without_provenance_mut(compared::TAG_BITS);

    /// A call with user data.
    ///
    /// # Safety
    /// * `data` leads to a closure, so it is not null.
    /// * C has just called the function that was made for this closure, and no other value is made from that call.
    #[inline(always)] // on the path of every call
    pub unsafe fn new(data: UserData) -> Self {
        // SAFETY: `data` leads to a closure, so it is not null: the first condition of `new`.
        Self(unsafe { NonNull::new_unchecked(data.cast()) })
    }
}

impl Call for DataCall {
    const BY_DATA: bool = true;

    #[inline(always)] // on the path of every call
    fn address(self) -> NonNull<Slot> {
        self.0
    }

    #[inline(always)]
    unsafe fn release(self) {}

    // No thunk and no jump has looked at the state. So this function looks.
    #[inline(always)] // on the path of every exclusive call
    fn bound_state(self) -> State {
        let state = self.slot().handler.load(Ordering::Relaxed);
        if state != Self::BOUND {
            Self::die_of(state);
        }
        Self::BOUND
    }

    #[inline(always)] // on the path of every exclusive call
    fn running() -> State {
        compared::RUNNING
    }

    fn spent() -> State {
        compared::SPENT
    }

    fn is_own(self, state: State) -> bool {
        state == Self::BOUND
    }
}
