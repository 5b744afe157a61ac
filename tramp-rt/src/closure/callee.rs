//! A callee: a closure, and beside it what a call has to check first. A slot's context leads to it.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::access::Access;
use super::lease::{Kept, Lease};
use super::threads::{Permits, Threads};
use crate::claim::call::is_spent;
use crate::slot::Slot;

/// A closure `F`. Calls use it as `A` says, on the threads `T`, for as long as `L` says.
pub struct Callee<F, A, T: Threads, L = Kept> {
    thread: T::Thread,
    pub(super) lease: L,
    /// In a cell, because some calls change it. Dropped by hand, because a call may take it.
    pub(super) closure: UnsafeCell<ManuallyDrop<F>>,
    access: PhantomData<A>,
}

impl<F, A: Access, T: Threads, L: Lease> Callee<F, A, T, L> {
    /// Makes a callee on this thread, with a lease whose type says everything.
    #[inline]
    pub(crate) fn new(closure: F) -> Self
    where
        F: 'static,
        T: Permits<F, A>,
        L: Default,
    {
        // SAFETY: `L::default()` belongs to no scope. The bounds `F: 'static` and `T: Permits<F, A>` are the second
        // condition.
        unsafe { Self::with_lease(closure, L::default()) }
    }

    /// Makes a callee on this thread.
    ///
    /// # Safety
    /// * If the lease belongs to a scope, the scope lasts for as long as the callee may be called.
    /// * The threads may use the closure in this way, as [`Permits`] says. The closure lives for as long as the callee
    ///   may be called or dropped.
    #[inline]
    pub unsafe fn with_lease(closure: F, lease: L) -> Self {
        Self {
            thread: T::this_thread(),
            lease,
            closure: UnsafeCell::new(ManuallyDrop::new(closure)),
            access: PhantomData,
        }
    }

    /// Ends the process if this thread may not call.
    ///
    /// # Safety
    /// * `callee` is valid.
    #[inline(always)] // on the path of every call
    pub(super) unsafe fn check_thread(callee: *const Self) {
        // SAFETY: the callee is valid, and nothing ever writes this field.
        T::check_thread(unsafe { &(*callee).thread });
    }

    /// Drops the closure. No call has taken it.
    ///
    /// # Safety
    /// * `callee` is valid and not used again.
    #[inline]
    pub(super) unsafe fn drop_unspent(callee: *mut Self) {
        // SAFETY: the callee is valid and not used again, and no call has taken the closure: the conditions of
        // `drop_unspent`.
        unsafe { ManuallyDrop::drop((*callee).closure.get_mut()) }
    }

    /// Whether the calls have left the closure, so that it still has to be dropped. The callee was bound to `slot`.
    ///
    /// The caller asks before it releases `slot`.
    #[inline]
    pub(super) fn is_left(slot: &Slot) -> bool {
        !A::ONCE || !is_spent(slot)
    }
}

impl<F, A, T: Threads, L> fmt::Debug for Callee<F, A, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callee").finish_non_exhaustive()
    }
}
