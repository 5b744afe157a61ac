//! Slots that begin what C's user data leads to: no thunk, no probe, and nothing left when they are gone.

use core::ptr::NonNull;

use super::call::{Call, sealed};
use crate::signature::UserData;
use crate::slot::{Slot, State, compared};
use crate::sync::Ordering;

/// What every block begins with.
#[repr(C)]
pub(crate) struct Start {
    /// `handler` is the state, one of a direct slot's; `context` leads to the header.
    pub(crate) slot: Slot,
    entry: *const (),
}

impl Start {
    /// Of a block whose user data C passes to `entry`.
    pub(crate) fn new(entry: *const ()) -> Self {
        let slot = Slot::new();
        slot.handler.store(DataCall::BOUND, Ordering::Relaxed);
        Self { slot, entry }
    }

    /// Keeps calls to come out that look at the state, because the closure is about to be dropped.
    #[inline]
    pub(crate) fn close(&self) {
        self.slot.handler.store(compared::ORPHANED, Ordering::Relaxed);
    }
}

/// The function that C calls with this user data.
pub(crate) fn entry(start: NonNull<Start>) -> *const () {
    // SAFETY: a claim's block is there for as long as the claim is.
    unsafe { (*start.as_ptr()).entry }
}

/// A call with user data, which begins with a slot that is no thread's but the closure's.
#[derive(Debug, Clone, Copy)]
pub struct DataCall(NonNull<Slot>);

impl sealed::Sealed for DataCall {}

impl DataCall {
    /// The state while no call changes it: any that is no other's.
    const BOUND: State = core::ptr::without_provenance_mut(compared::TAG_BITS);

    /// A call with user data.
    ///
    /// # Safety
    /// * `data` leads to a closure, and so is not null.
    /// * C has called the function that was made for it just now, and this is the only value that is made of that.
    #[inline(always)] // on the path of every call
    pub unsafe fn new(data: UserData) -> Self {
        // SAFETY: it leads to a closure, so it is not null: the first condition of `new`.
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

    // No thunk and no jump has looked at the state, so it is looked at here.
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
