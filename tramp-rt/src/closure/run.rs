//! How a closure is run: by reference, exclusively, or once.
//!
//! | keeper         | closure  | a call gets | what a call does to its slot's state                       |
//! |----------------|----------|-------------|------------------------------------------------------------|
//! | [`Shared`]     | `Fn`     | `&F`        | nothing                                                    |
//! | [`Exclusive`]  | `FnMut`  | `&mut F`    | *running* until it returns: another call dies of that,     |
//! |                |          |             | and the owner's drop is left to the call                   |
//! | [`Once`]       | `FnOnce` | `F`         | *taken* for good: another call dies of that                |
//!
//! The state is the word that a call goes through anyway: a direct slot's tag, a mapped slot's handler. So a call that
//! is not allowed finds, in the place of the code to run, the code to die of.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::storage::{self, Keeper, Owned, Permitted};
use super::threads::{Alter, Share, Threads};
use crate::claim::call::Call;
use crate::claim::direct;
use crate::slot::State;

/// A closure that is called by reference, any number of times at once.
#[derive(Debug)]
pub struct Shared<F, T: Threads> {
    threads: T::Stamp,
    closure: F,
}

/// A closure that is called by mutable reference, one call at a time.
pub struct Exclusive<F, T: Threads> {
    threads: T::Stamp,
    closure: UnsafeCell<F>,
}

/// A closure that is called by value.
pub struct Once<F, T: Threads> {
    threads: T::Stamp,
    closure: ManuallyDrop<F>,
}

impl<F, T: Threads> Shared<F, T> {
    /// Lets a call in.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Shared<F, T>`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn enter<'call, C: Call>(call: C) -> Entered<'call, F, T::Held> {
        // SAFETY: the slot is bound to a `Shared<F, T>`, so it was claimed for the threads `T`.
        let held = unsafe { T::hold(call, direct::tag::<Self>()) };
        // SAFETY: the slot is bound to a `Self` that outlives the call; only shared references to it exist.
        let keeper = unsafe { storage::locate::<Self, C>(call).as_ref() };
        T::admit(&keeper.threads);
        Entered { closure: &keeper.closure, held }
    }
}

impl<F, T: Threads> Exclusive<F, T> {
    /// Lets a call in, and no other until the guard is dropped.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to an `Exclusive<F, T>`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn enter<'call, C: Call>(call: C) -> Running<'call, F, T, C> {
        // SAFETY: the slot is bound to a `Self` that outlives the call.
        let keeper = unsafe { storage::locate::<Self, C>(call) };
        // SAFETY: the stamp is only ever read.
        T::admit(unsafe { &(*keeper.as_ptr()).threads });
        Running { keeper, call, before: T::begin(call, C::running()), closure: PhantomData }
    }
}

impl<F, T: Threads> Once<F, T> {
    /// Lets the first call in. Unless a scope owns the slot, the slot and what was kept are free when this returns.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Once<F, T>`.
    #[inline]
    pub unsafe fn enter<C: Call>(call: C) -> F {
        // SAFETY: the slot is bound to a `Self`.
        let keeper = unsafe { storage::locate::<Self, C>(call) };
        // SAFETY: the stamp is only ever read.
        T::admit(unsafe { &(*keeper.as_ptr()).threads });
        T::begin(call, C::taken());
        // SAFETY: one call only gets here, since nothing takes the state back.
        let closure = unsafe { ManuallyDrop::into_inner((&raw const (*keeper.as_ptr()).closure).read()) };
        if T::FREES_ITSELF {
            // SAFETY: a `once` trampoline has no owner but its first call, which this is; the closure was moved out.
            unsafe { storage::free::<Self, C>(call) };
        }
        closure
    }
}

impl<F, T: Threads> Keeper for Shared<F, T> {
    type Closure = F;
    type Threads = T;
    #[inline]
    unsafe fn with_stamp(closure: F, threads: T::Stamp) -> Self {
        Self { threads, closure }
    }
    #[inline(always)]
    unsafe fn stamp(keeper: *const Self) -> *const T::Stamp {
        // SAFETY: the keeper is valid, and no reference is made.
        unsafe { &raw const (*keeper).threads }
    }
    fn into_closure(self) -> F {
        self.closure
    }
}

impl<F, T: Threads> Keeper for Exclusive<F, T> {
    type Closure = F;
    type Threads = T;
    const EXCLUSIVE: bool = true;
    #[inline]
    unsafe fn with_stamp(closure: F, threads: T::Stamp) -> Self {
        Self { threads, closure: UnsafeCell::new(closure) }
    }
    #[inline(always)]
    unsafe fn stamp(keeper: *const Self) -> *const T::Stamp {
        // SAFETY: the keeper is valid, and no reference is made.
        unsafe { &raw const (*keeper).threads }
    }
    fn into_closure(self) -> F {
        self.closure.into_inner()
    }
}

impl<F, T: Threads> Keeper for Once<F, T> {
    type Closure = F;
    type Threads = T;
    const ONCE: bool = true;
    #[inline]
    unsafe fn with_stamp(closure: F, threads: T::Stamp) -> Self {
        Self { threads, closure: ManuallyDrop::new(closure) }
    }
    #[inline(always)]
    unsafe fn stamp(keeper: *const Self) -> *const T::Stamp {
        // SAFETY: the keeper is valid, and no reference is made.
        unsafe { &raw const (*keeper).threads }
    }
    fn into_closure(self) -> F {
        ManuallyDrop::into_inner(self.closure)
    }
    unsafe fn drop_untaken(keeper: *mut Self) {
        // SAFETY: no call took the closure, and the caller does not use it again.
        unsafe { ManuallyDrop::drop(&mut (*keeper).closure) }
    }
}

impl<F, T: Threads> storage::sealed::Sealed for Shared<F, T> {}
impl<F, T: Threads> storage::sealed::Sealed for Exclusive<F, T> {}
impl<F, T: Threads> storage::sealed::Sealed for Once<F, T> {}

impl<F, T: Share<F>> Permitted for Shared<F, T> {}
impl<F, T: Alter<F>> Permitted for Exclusive<F, T> {}
impl<F, T: Alter<F>> Permitted for Once<F, T> {}

impl<F, T: Share<F>> Owned for Shared<F, T> {}
impl<F, T: Alter<F>> Owned for Exclusive<F, T> {}

impl<F, T: Threads> fmt::Debug for Exclusive<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exclusive").finish_non_exhaustive()
    }
}

impl<F, T: Threads> fmt::Debug for Once<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

/// A [`Shared`] closure while a call of it runs.
pub struct Entered<'call, F, H> {
    closure: &'call F,
    #[expect(dead_code, reason = "held for its destructor, if it has one")]
    held: H,
}

impl<F, H> Deref for Entered<'_, F, H> {
    type Target = F;
    #[inline(always)]
    fn deref(&self) -> &F {
        self.closure
    }
}

impl<F, H> fmt::Debug for Entered<'_, F, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

/// An [`Exclusive`] closure while a call of it runs, also if that call unwinds.
///
/// The owner may be dropped meanwhile, by the closure itself or by another thread. It leaves the closure and the slot to
/// the call then.
pub struct Running<'call, F, T: Threads, C: Call> {
    keeper: NonNull<Exclusive<F, T>>, // no reference, because the keeper may be gone before this is
    call: C,
    before: State,
    closure: PhantomData<&'call mut F>,
}

impl<F, T: Threads, C: Call> Drop for Running<'_, F, T, C> {
    #[inline(always)]
    fn drop(&mut self) {
        if T::end(self.call, self.before) {
            // SAFETY: the owner is gone, and left this to the one call that was running, which is over.
            unsafe { storage::end::<Exclusive<F, T>, C>(self.call) }
        }
    }
}

impl<F, T: Threads, C: Call> Deref for Running<'_, F, T, C> {
    type Target = F;
    #[inline(always)]
    fn deref(&self) -> &F {
        // SAFETY: the slot's state keeps every other call out for as long as this lives, and the owner from dropping.
        unsafe { &*(*self.keeper.as_ptr()).closure.get() }
    }
}

impl<F, T: Threads, C: Call> DerefMut for Running<'_, F, T, C> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut F {
        // SAFETY: the slot's state keeps every other call out for as long as this lives, and the owner from dropping.
        unsafe { &mut *(*self.keeper.as_ptr()).closure.get() }
    }
}

impl<F, T: Threads, C: Call> fmt::Debug for Running<'_, F, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}
