//! What a slot's context leads to: a closure, beside what a call has to check first.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::access::Access;
use super::lease::{Kept, Lease};
use super::threads::{Permits, Threads};
use crate::claim::call::is_spent;
use crate::slot::Slot;

/// A closure `F` that is run as `A` says, by the threads `T`, for as long as `L` says: what a slot's context leads to.
pub struct Callee<F, A, T: Threads, L = Kept> {
    thread: T::Thread,
    pub(super) lease: L,
    /// Behind a cell for the calls that change it, and dropped by hand because a call may take it.
    pub(super) closure: UnsafeCell<ManuallyDrop<F>>,
    access: PhantomData<A>,
}

impl<F, A: Access, T: Threads, L: Lease> Callee<F, A, T, L> {
    /// A callee that this thread makes, of a lease that says all by its type.
    #[inline]
    pub(crate) fn new(closure: F) -> Self
    where
        F: 'static,
        T: Permits<F, A>,
        L: Default,
    {
        // SAFETY: the lease is of no scope, and both other bounds are above.
        unsafe { Self::with_lease(closure, L::default()) }
    }

    /// A callee that this thread makes.
    ///
    /// # Safety
    /// * The lease is of a scope, if it is of one, that lasts for as long as the callee may be called.
    /// * The threads are [permitted](Permits) to run the closure so, and it lives for as long as the callee may be called or
    ///   dropped.
    #[inline]
    pub unsafe fn with_lease(closure: F, lease: L) -> Self {
        Self {
            thread: T::this_thread(),
            lease,
            closure: UnsafeCell::new(ManuallyDrop::new(closure)),
            access: PhantomData,
        }
    }

    /// Dies if this thread may not call.
    ///
    /// # Safety
    /// * `callee` is valid.
    #[inline(always)] // on the path of every call
    pub(super) unsafe fn check_thread(callee: *const Self) {
        // SAFETY: the callee is valid, and this field is only ever read.
        T::check_thread(unsafe { &(*callee).thread });
    }

    /// Drops the closure, which no call has taken.
    ///
    /// # Safety
    /// * `callee` is valid and not used again.
    #[inline]
    pub(super) unsafe fn drop_unspent(callee: *mut Self) {
        // SAFETY: the callee is valid and not used again, and no call took the closure: the conditions of `drop_unspent`.
        unsafe { ManuallyDrop::drop((*callee).closure.get_mut()) }
    }

    /// Whether the calls have left the closure to be dropped.
    ///
    /// Read before `slot` is released, which the callee was bound to.
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
