//! A call on its way from C to the closure: the slot it came through, and the state it finds and leaves there.

use core::ptr::NonNull;

use crate::claim::Claimed;
use crate::direct;
use crate::keeper::Keeper;
use crate::kept;
use crate::misuse;
use crate::slot::{Slot, State};
use crate::sync::Ordering;
use crate::user_data::{self, UserData};

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::DirectCall {}
    impl Sealed for super::MappedCall {}
    impl Sealed for super::DataCall {}
}

/// A running call, of which there is a type for each kind of slot: the code of a call need not ask which it is.
pub trait Call: sealed::Sealed + Copy {
    /// The slot of the call.
    #[doc(hidden)]
    fn slot(self) -> &'static Slot;
    /// What the slot leads to.
    ///
    /// # Safety
    /// The slot is bound to a keeper of type `K`.
    #[doc(hidden)]
    #[inline(always)] // on the path of every call
    unsafe fn locate<K: Keeper>(self) -> NonNull<K> {
        // SAFETY: as the caller promises.
        unsafe { kept::locate(self.slot()) }
    }
    /// Frees the slot and what it led to.
    ///
    /// # Safety
    /// The slot has no owner but this call, and is bound to a keeper of type `K`, whose closure is moved out.
    #[doc(hidden)]
    unsafe fn free<K: Keeper>(self);
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

    #[inline]
    unsafe fn free<K: Keeper>(self) {
        // SAFETY: as the caller promises.
        unsafe { free::<K>(Claimed::mapped(NonNull::from(self.0))) }
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

    #[inline]
    unsafe fn free<K: Keeper>(self) {
        // SAFETY: as the caller promises.
        unsafe { free::<K>(Claimed::direct(NonNull::from(self.slot))) }
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

/// # Safety
/// As [`Call::free`].
unsafe fn free<K: Keeper>(claimed: Claimed) {
    let context = claimed.context();
    // SAFETY: the call is the slot's owner.
    unsafe { claimed.release() };
    // SAFETY: `context` was read while the slot was bound, and the closure is moved out.
    unsafe { kept::forget_owned::<K>(context) };
}

/// A call with user data, which begins with a slot that is no thread's but the closure's.
#[derive(Debug, Clone, Copy)]
pub struct DataCall(NonNull<Slot>);

impl DataCall {
    /// The state while no call changes it: any that is no other's.
    pub(crate) const BOUND: State = core::ptr::without_provenance_mut(direct::TAG_BITS);

    /// # Safety
    /// `data` leads to a closure, and is not null.
    #[inline(always)] // on the path of every call
    pub unsafe fn new(data: UserData) -> Self {
        // SAFETY: as the caller promises.
        Self(unsafe { NonNull::new_unchecked(data.cast()) })
    }
}

impl Call for DataCall {
    #[inline(always)] // on the path of every exclusive call
    fn slot(self) -> &'static Slot {
        // SAFETY: what user data leads to is there for as long as calls come, and the slot's fields are atomics.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)] // on the path of every call
    unsafe fn locate<K: Keeper>(self) -> NonNull<K> {
        // SAFETY: as the caller promises.
        unsafe { user_data::locate(self.0) }
    }

    #[inline]
    unsafe fn free<K: Keeper>(self) {
        // SAFETY: as the caller promises.
        unsafe { user_data::forget::<K>(self.0) }
    }

    // No thunk and no jump has looked at the state, so it is looked at here.
    #[inline(always)] // on the path of every exclusive call
    fn entered(self) -> State {
        let state = self.slot().handler.load(Ordering::Relaxed);
        if state != Self::BOUND {
            Self::die_of(state);
        }
        Self::BOUND
    }

    #[inline(always)] // on the path of every exclusive call
    fn running() -> State {
        direct::RUNNING
    }

    fn taken() -> State {
        direct::TAKEN
    }

    fn is_bound(state: State) -> bool {
        state == Self::BOUND
    }
}
