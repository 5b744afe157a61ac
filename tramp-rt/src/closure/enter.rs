//! A call that gets in to a closure, and what it has of it meanwhile.

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
    /// The callee of a call, which may come from this thread.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`.
    #[inline(always)] // on the path of every call
    unsafe fn called<C: Call>(call: C) -> NonNull<Self> {
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::locate(call) };
        if !C::HAS_CHECKED_THREAD {
            // SAFETY: the slot is bound to a `Self`, so that is what `locate` finds, and it is valid while the call is.
            unsafe { Self::check_thread(callee.as_ptr()) };
        }
        callee
    }

    /// Where a panic of the call waits, if a scope resumes it.
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
        // SAFETY: `locate` finds a `Self` that is valid while the call is. The lease is only ever read; and what a scope
        // leases lies in its frame, which outlives the call.
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
        // SAFETY: `called` finds a `Self` that outlives the call; only shared references to the closure exist.
        SharedGuard { closure: unsafe { &*(*callee.as_ptr()).closure.get() }, count }
    }
}

impl<F, T: Threads, L: Lease> Callee<F, Exclusive, T, L> {
    /// Lets a call in, and no other until the guard is dropped.
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
    /// Lets the first call in. If nothing else ends the callee, its slot and its block are free when this returns.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`.
    #[inline]
    pub unsafe fn enter<C: Call>(call: C) -> F {
        // SAFETY: the slot is bound to a `Self`.
        let callee = unsafe { Self::called(call) };
        T::enter_state(call, C::spent());
        // SAFETY: one call only gets here, since nothing takes the state back.
        let closure = ManuallyDrop::into_inner(unsafe { (*callee.as_ptr()).closure.get().read() });
        if L::ENDS_WITH_CALL {
            // SAFETY: the slot has no owner but its first call, which this is; the closure was moved out.
            unsafe { Self::free(call) };
        }
        closure
    }
}

/// A [`Shared`] closure while a call of it runs.
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

/// An [`Exclusive`] closure while a call of it runs, also if that call unwinds.
///
/// The owner may be dropped meanwhile, by the closure itself or by another thread. It leaves the closure and the slot to
/// the call then.
pub struct ExclusiveGuard<'call, F, T: Threads, L: Lease, C: Call> {
    callee: NonNull<Callee<F, Exclusive, T, L>>, // no reference, because the callee may be gone before this is
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
            // SAFETY: the owner is gone, and left this to the one call that was running, which is over.
            unsafe { Callee::<F, Exclusive, T, L>::end(self.call) }
        }
    }
}

impl<F, T: Threads, L: Lease, C: Call> Deref for ExclusiveGuard<'_, F, T, L, C> {
    type Target = F;
    #[inline(always)]
    fn deref(&self) -> &F {
        // SAFETY: the slot's state keeps every other call out for as long as this lives, and the owner from dropping.
        unsafe { &*(*self.callee.as_ptr()).closure.get() }
    }
}

impl<F, T: Threads, L: Lease, C: Call> DerefMut for ExclusiveGuard<'_, F, T, L, C> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut F {
        // SAFETY: the slot's state keeps every other call out for as long as this lives, and the owner from dropping.
        unsafe { &mut *(*self.callee.as_ptr()).closure.get() }
    }
}

impl<F, T: Threads, L: Lease, C: Call> fmt::Debug for ExclusiveGuard<'_, F, T, L, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExclusiveGuard").finish_non_exhaustive()
    }
}
