//! A call gets into a closure, and holds it by a guard until it returns.

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::access::{Access, Exclusive, Once, Shared};
use super::callee::Callee;
use super::lease::{Count, Lease};
use super::threads::Threads;
use crate::claim::call::Call;
use crate::claim::direct;
use crate::signature::panic::PendingPanic;
use crate::slot::State;
use crate::sync::Ordering;

impl<F, A: Access, T: Threads, L: Lease> Callee<F, A, T, L> {
    /// The callee of a call. Ends the process if this thread may not call.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`.
    #[inline(always)] // on the path of every call
    unsafe fn called<C: Call>(call: C) -> NonNull<Self> {
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::locate(call) };
        if !C::HAS_CHECKED_THREAD {
            // SAFETY: the slot is bound to a `Self`, so `locate` found one. It is valid while the call runs.
            unsafe { Self::check_thread(callee.as_ptr()) };
        }
        callee
    }

    /// The closure of a slot that was just bound.
    ///
    /// # Safety
    /// * `call` is of a slot that is bound to a `Self`, which outlives `'bound`. No call has begun.
    #[cfg(feature = "mapped")]
    pub(crate) unsafe fn just_bound<'bound, C: Call>(call: C) -> &'bound F {
        // SAFETY: the slot is bound to a `Self`, which no call borrows.
        unsafe { &*(*Self::locate(call).as_ptr()).closure.get() }
    }

    /// The place where a panic of this call waits, if a scope resumes it later.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn pending<'call, C: Call>(call: C) -> Option<&'call PendingPanic> {
        if !L::MAY_HAVE_PENDING {
            return None;
        }
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::locate(call) };
        // SAFETY: `locate` finds a `Self` that is valid while the call runs, and nothing writes its lease. The place is
        // in the frame of the scope, which lasts longer than the call.
        unsafe { (*callee.as_ptr()).lease.pending() }
    }
}

impl<F, T: Threads, L: Lease> Callee<F, Shared, T, L> {
    /// Lets a call in.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn enter<'call, C: Call>(call: C) -> SharedGuard<'call, F, L::Count> {
        // SAFETY: the slot is bound to a `Self`, so it was claimed for the lease `L`.
        let count = unsafe { L::Count::enter(call, direct::tag::<Self>()) };
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::called(call) };
        // SAFETY: `called` finds a `Self` that outlives the call. Calls of a `Shared` callee make only shared
        // references to its closure.
        SharedGuard { closure: unsafe { &*(*callee.as_ptr()).closure.get() }, count }
    }
}

impl<F, T: Threads, L: Lease> Callee<F, Exclusive, T, L> {
    /// Lets a call in, and no other call until the guard is dropped.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn enter<'call, C: Call>(call: C) -> ExclusiveGuard<'call, F, T, L, C> {
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::called(call) };
        ExclusiveGuard { callee, call, before: T::enter_state(call, C::running()), closure: PhantomData }
    }
}

impl<F, T: Threads, L: Lease> Callee<F, Once, T, L> {
    /// Lets the first call in. If the call ends the callee, this frees the slot and the block before it returns.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`.
    #[inline]
    pub unsafe fn enter<C: Call>(call: C) -> F {
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::called(call) };
        T::enter_state(call, C::spent());
        // SAFETY: only one call gets here, because nothing changes the state back. So nothing else reads or drops the
        // closure.
        let closure = ManuallyDrop::into_inner(unsafe { (*callee.as_ptr()).closure.get().read() });
        if L::ENDS_WITH_CALL {
            // SAFETY: only this call owns the slot, because it is the first one and no other way ends the callee. The
            // closure was moved out.
            unsafe { Self::free(call) };
        }
        closure
    }
}

/// A [`Shared`] closure while a call runs it.
pub struct SharedGuard<'call, F, N> {
    closure: &'call F,
    #[expect(dead_code, reason = "held for its destructor, if it has one")]
    count: N,
}

impl<F, N> Deref for SharedGuard<'_, F, N> {
    type Target = F;
    #[inline(always)]
    fn deref(&self) -> &F {
        self.closure
    }
}

impl<F, N> fmt::Debug for SharedGuard<'_, F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGuard").finish_non_exhaustive()
    }
}

/// An [`Exclusive`] closure while a call runs it, even if the call unwinds.
///
/// The closure itself or another thread may drop the owner in the meantime. Then the owner leaves the closure and the
/// slot to the call.
pub struct ExclusiveGuard<'call, F, T: Threads, L: Lease, C: Call> {
    callee: NonNull<Callee<F, Exclusive, T, L>>, // not a reference, because the callee may be gone before this guard is
    call: C,
    before: State,
    closure: PhantomData<&'call mut F>,
}

impl<F, T: Threads, L: Lease, C: Call> Drop for ExclusiveGuard<'_, F, T, L, C> {
    #[inline(always)]
    fn drop(&mut self) {
        if L::OUTLASTS_CALLS {
            self.call.slot().handler.store(self.before, Ordering::Release);
        } else if T::leave_state(self.call, self.before) {
            // SAFETY: the owner is gone. It left the closure and the slot to the one running call, which has ended.
            unsafe { Callee::<F, Exclusive, T, L>::end(self.call) }
        }
    }
}

impl<F, T: Threads, L: Lease, C: Call> Deref for ExclusiveGuard<'_, F, T, L, C> {
    type Target = F;
    #[inline(always)]
    fn deref(&self) -> &F {
        // SAFETY: the slot's state keeps every other call out while this guard lives, and keeps the owner from dropping
        // the closure.
        unsafe { &*(*self.callee.as_ptr()).closure.get() }
    }
}

impl<F, T: Threads, L: Lease, C: Call> DerefMut for ExclusiveGuard<'_, F, T, L, C> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut F {
        // SAFETY: the slot's state keeps every other call out while this guard lives, and keeps the owner from dropping
        // the closure.
        unsafe { &mut *(*self.callee.as_ptr()).closure.get() }
    }
}

impl<F, T: Threads, L: Lease, C: Call> fmt::Debug for ExclusiveGuard<'_, F, T, L, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExclusiveGuard").finish_non_exhaustive()
    }
}
