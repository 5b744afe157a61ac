//! How a closure is run: by reference, exclusively, or once; and which threads may do it.
//!
//! | keeper         | closure  | a call gets | what a call does to its slot's state                       |
//! |----------------|----------|-------------|------------------------------------------------------------|
//! | [`Shared`]     | `Fn`     | `&F`        | nothing                                                    |
//! | [`Exclusive`]  | `FnMut`  | `&mut F`    | *running* until it returns: another call dies of that      |
//! | [`Once`]       | `FnOnce` | `F`         | *taken* for good: another call dies of that                |
//!
//! | threads        | who calls                         | adds                                                 |
//! |----------------|-----------------------------------|------------------------------------------------------|
//! | [`AnyThread`]  | any thread                        | the state is changed by an atomic exchange           |
//! | [`ThisThread`] | the creating thread               | each call checks the thread                          |
//! | [`InScope`]    | as one of the two above           | the same; and a panic may wait in the scope's frame  |
//! | [`Notified`]   | as one of the two above           | the same; what runs `once` stays, for C to destroy   |
//! | [`Protected`]  | any thread                        | nothing: the slot is read-only                       |
//!
//! The state is the word that a call goes through anyway: a direct slot's tag, a mapped slot's handler. So a call that
//! is not allowed finds, in the place of the code to run, the code to die of.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

use crate::call::{Call, DataCall, DirectCall, MappedCall};
use crate::misuse;
use crate::panic::{Nowhere, Pending, Waiting};
use crate::slot::{Slot, State};
use crate::sync::Ordering;

/// What a slot's context leads to.
pub trait Keeper {
    /// The closure inside.
    type Closure;
    /// Who may call it.
    type Threads: Threads;

    #[doc(hidden)]
    fn with_stamp(closure: Self::Closure, stamp: <Self::Threads as Threads>::Stamp) -> Self;

    /// Where the stamp is.
    ///
    /// # Safety
    /// `keeper` is valid.
    #[doc(hidden)]
    unsafe fn stamp(keeper: *const Self) -> *const <Self::Threads as Threads>::Stamp;

    /// Gives the closure back, uncalled.
    fn into_closure(self) -> Self::Closure;

    /// Where a panic of the call waits, if a scope resumes it.
    ///
    /// # Safety
    /// `call` came through a slot that is bound to a `Self`, which outlives the call that `'call` stands for.
    #[doc(hidden)]
    #[inline(always)] // on the path of every call
    unsafe fn pending<'call, C: Call>(call: C) -> Option<&'call Pending>
    where
        Self: Sized,
    {
        if !Self::Threads::MAY_HAVE_PENDING {
            return None;
        }
        // SAFETY: the caller vouches for type and life.
        let stamp = unsafe { Self::stamp(call.locate::<Self>().as_ptr()) };
        // SAFETY: the stamp is only ever read; and in a scope, of which it is the frame that the caller vouches for.
        unsafe { Self::Threads::pending(&*stamp) }
    }

    /// Drops the closure, if the calls have left one.
    ///
    /// # Safety
    /// `keeper` is valid and not used again; `slot` is the one it was bound to, not released yet.
    unsafe fn drop_left(keeper: *mut Self, slot: &Slot) {
        let _ = slot;
        // SAFETY: as the caller promises.
        unsafe { keeper.drop_in_place() }
    }
}

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

impl<F, T: Stamped> Shared<F, T> {
    pub(crate) fn new(closure: F) -> Self {
        Self::with_stamp(closure, T::stamp())
    }
}

impl<F, T: Threads> Shared<F, T> {
    /// Lets a call in.
    ///
    /// # Safety
    /// `call` came through a slot that is bound to a `Shared<F, T>`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn enter<'call, C: Call>(call: C) -> &'call F {
        // SAFETY: the caller vouches for type and life; only shared references to it exist.
        let keeper = unsafe { call.locate::<Self>().as_ref() };
        T::admit(&keeper.threads);
        &keeper.closure
    }
}

impl<F, T: Stamped> Exclusive<F, T> {
    pub(crate) fn new(closure: F) -> Self {
        Self::with_stamp(closure, T::stamp())
    }
}

impl<F, T: Threads> Exclusive<F, T> {
    /// Lets a call in, and no other until the guard is dropped.
    ///
    /// # Safety
    /// `call` came through a slot that is bound to an `Exclusive<F, T>`, which outlives the call that `'call` stands for.
    #[inline(always)] // on the path of every call
    pub unsafe fn enter<'call, C: Call>(call: C) -> Running<'call, F> {
        // SAFETY: the caller vouches for type and life; only shared references to the keeper exist.
        let keeper = unsafe { call.locate::<Self>().as_ref() };
        T::admit(&keeper.threads);
        Running { state: T::begin(call, C::running()), closure: &keeper.closure }
    }
}

impl<F, T: Stamped> Once<F, T> {
    pub(crate) fn new(closure: F) -> Self {
        Self::with_stamp(closure, T::stamp())
    }
}

impl<F, T: Threads> Once<F, T> {
    /// Lets the first call in. Unless a scope owns the slot, the slot and what was kept are free when this returns.
    ///
    /// # Safety
    /// `call` came through a slot that is bound to a `Once<F, T>`.
    #[inline]
    pub unsafe fn enter<C: Call>(call: C) -> F {
        // SAFETY: the caller vouches for type and life.
        let keeper = unsafe { call.locate::<Self>() };
        // SAFETY: the stamp is only ever read.
        T::admit(unsafe { &(*keeper.as_ptr()).threads });
        T::begin(call, C::taken()).keep();
        // SAFETY: one call only gets here, since nothing takes the state back.
        let closure = unsafe { ManuallyDrop::into_inner((&raw const (*keeper.as_ptr()).closure).read()) };
        if T::FREES_ITSELF {
            // SAFETY: a `once` trampoline has no owner but its first call, which this is; the closure was moved out.
            unsafe { call.free::<Self>() };
        }
        closure
    }
}

impl<F, T: Threads> Keeper for Shared<F, T> {
    type Closure = F;
    type Threads = T;
    fn with_stamp(closure: F, threads: T::Stamp) -> Self {
        Self { threads, closure }
    }
    #[inline(always)]
    unsafe fn stamp(keeper: *const Self) -> *const T::Stamp {
        // SAFETY: as the caller promises.
        unsafe { &raw const (*keeper).threads }
    }
    fn into_closure(self) -> F {
        self.closure
    }
}

impl<F, T: Threads> Keeper for Exclusive<F, T> {
    type Closure = F;
    type Threads = T;
    fn with_stamp(closure: F, threads: T::Stamp) -> Self {
        Self { threads, closure: UnsafeCell::new(closure) }
    }
    #[inline(always)]
    unsafe fn stamp(keeper: *const Self) -> *const T::Stamp {
        // SAFETY: as the caller promises.
        unsafe { &raw const (*keeper).threads }
    }
    fn into_closure(self) -> F {
        self.closure.into_inner()
    }
}

impl<F, T: Threads> Keeper for Once<F, T> {
    type Closure = F;
    type Threads = T;
    fn with_stamp(closure: F, threads: T::Stamp) -> Self {
        Self { threads, closure: ManuallyDrop::new(closure) }
    }
    #[inline(always)]
    unsafe fn stamp(keeper: *const Self) -> *const T::Stamp {
        // SAFETY: as the caller promises.
        unsafe { &raw const (*keeper).threads }
    }
    fn into_closure(self) -> F {
        ManuallyDrop::into_inner(self.closure)
    }
    unsafe fn drop_left(keeper: *mut Self, slot: &Slot) {
        let state = slot.handler.load(Ordering::Relaxed);
        if ![DirectCall::taken(), MappedCall::taken(), DataCall::taken()].contains(&state) {
            // SAFETY: no call took the closure, and the caller does not use it again.
            unsafe { ManuallyDrop::drop(&mut (*keeper).closure) }
        }
    }
}

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

/// An [`Exclusive`] closure while a call of it runs, also if that call unwinds.
pub struct Running<'call, F> {
    closure: &'call UnsafeCell<F>,
    #[expect(dead_code, reason = "held for its destructor")]
    state: Begun,
}

impl<F> Deref for Running<'_, F> {
    type Target = F;
    #[inline(always)]
    fn deref(&self) -> &F {
        // SAFETY: the slot's state keeps every other call out for as long as this lives.
        unsafe { &*self.closure.get() }
    }
}

impl<F> DerefMut for Running<'_, F> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut F {
        // SAFETY: the slot's state keeps every other call out for as long as this lives.
        unsafe { &mut *self.closure.get() }
    }
}

impl<F> fmt::Debug for Running<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

/// A slot whose state a call has changed. Dropping this changes it back.
#[doc(hidden)]
#[derive(Debug)]
pub struct Begun {
    slot: &'static Slot,
    before: State,
}

impl Begun {
    fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for Begun {
    #[inline(always)]
    fn drop(&mut self) {
        self.slot.handler.store(self.before, Ordering::Release);
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AnyThread {}
    impl Sealed for super::ThisThread {}
    impl<W: super::Threads, P: crate::panic::Waiting> Sealed for super::InScope<W, P> {}
    impl<W: super::Stamped> Sealed for super::Notified<W> {}
    impl Sealed for super::Protected {}
}

/// Which threads may call a closure: [`AnyThread`], [`ThisThread`], [`InScope`], [`Notified`] or [`Protected`].
pub trait Threads: sealed::Sealed + 'static {
    /// What a keeper remembers of its thread.
    #[doc(hidden)]
    type Stamp: Copy + fmt::Debug;
    /// A `once` closure owns its slot and frees it when called.
    #[doc(hidden)]
    const FREES_ITSELF: bool;
    /// Whether the slot may hold the closure itself, which may change under calls.
    #[doc(hidden)]
    const MAY_BE_INLINE: bool = true;
    /// Whether a panic may be left in a scope.
    #[doc(hidden)]
    const MAY_HAVE_PENDING: bool = false;
    /// # Safety
    /// The keeper's scope, if it has one, lasts for at least `'call`.
    #[doc(hidden)]
    unsafe fn pending<'call>(stamp: &Self::Stamp) -> Option<&'call Pending> {
        let _ = stamp;
        None
    }
    /// Dies if this thread may not call.
    #[doc(hidden)]
    fn admit(stamp: &Self::Stamp);
    /// Changes the state of a bound slot to `during`, and dies if another call did so before.
    #[doc(hidden)]
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> Begun {
        // Calls come one after another, so whoever gets here has just gone through this word and found it bound.
        let before = call.entered();
        call.slot().handler.store(during, Ordering::Relaxed);
        Begun { slot: call.slot(), before }
    }
}

/// Threads of which a keeper can be made anywhere, not in a scope alone.
pub trait Stamped: Threads {
    /// Whether one thread alone gets past [`admit`](Threads::admit).
    const ONLY_ONE: bool;
    /// What a keeper that is made by this thread remembers of it.
    fn stamp() -> Self::Stamp;
}

/// Any thread may call, so the closure is `Send`, and `Sync` if several may at once.
#[derive(Debug, Clone, Copy)]
pub struct AnyThread(());

/// Only the creating thread may call, which every call checks, so the closure may be anything.
#[derive(Debug, Clone, Copy)]
pub struct ThisThread(PhantomData<*const ()>);

/// The threads of `W` may call, during one call into C. `P` is where that keeps a panic.
#[derive(Debug, Clone, Copy)]
pub struct InScope<W = ThisThread, P = Nowhere>(PhantomData<(W, P)>);

/// The threads of `W` may call, until C destroys the closure, which is for them as well.
#[derive(Debug, Clone, Copy)]
pub struct Notified<W>(PhantomData<W>);

/// Any thread may call, through a slot that is read-only: [`Trampoline::protected`](crate::Trampoline::protected).
#[derive(Debug, Clone, Copy)]
pub struct Protected(());

impl Stamped for Protected {
    const ONLY_ONE: bool = false;
    fn stamp() {}
}

impl Threads for Protected {
    type Stamp = ();
    const FREES_ITSELF: bool = false;
    const MAY_BE_INLINE: bool = false;
    #[inline(always)]
    fn admit((): &()) {}
}

impl Stamped for AnyThread {
    const ONLY_ONE: bool = false;
    fn stamp() {}
}

impl Threads for AnyThread {
    type Stamp = ();
    const FREES_ITSELF: bool = true;
    #[inline(always)]
    fn admit((): &()) {}
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> Begun {
        // Several calls may have gone through this word while it was bound. The exchange lets one in.
        let before = call.slot().handler.swap(during, Ordering::Acquire);
        if !C::is_bound(before) {
            C::die_of(before);
        }
        Begun { slot: call.slot(), before }
    }
}

impl<W: Stamped, P: Waiting> Threads for InScope<W, P> {
    type Stamp = (W::Stamp, P);
    const FREES_ITSELF: bool = false;
    const MAY_HAVE_PENDING: bool = true;
    #[inline(always)]
    fn admit((threads, _): &Self::Stamp) {
        W::admit(threads);
    }
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> Begun {
        W::begin(call, during)
    }
    #[inline(always)]
    unsafe fn pending<'call>((_, waiting): &Self::Stamp) -> Option<&'call Pending> {
        // SAFETY: as the caller promises.
        unsafe { waiting.pending() }
    }
}

impl<W: Stamped> Stamped for Notified<W> {
    const ONLY_ONE: bool = W::ONLY_ONE;
    fn stamp() -> W::Stamp {
        W::stamp()
    }
}

impl<W: Stamped> Threads for Notified<W> {
    type Stamp = W::Stamp;
    const FREES_ITSELF: bool = false;
    #[inline(always)]
    fn admit(stamp: &W::Stamp) {
        W::admit(stamp);
    }
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> Begun {
        W::begin(call, during)
    }
}

impl Stamped for ThisThread {
    const ONLY_ONE: bool = true;
    fn stamp() -> thread::Stamp {
        thread::stamp()
    }
}

impl Threads for ThisThread {
    type Stamp = thread::Stamp;
    const FREES_ITSELF: bool = true;
    #[inline(always)]
    fn admit(stamp: &thread::Stamp) {
        if !thread::is_this(*stamp) {
            misuse::called_from_another_thread();
        }
    }
}

/// Telling threads apart.
#[cfg(feature = "std")]
mod thread {
    use core::cell::Cell;

    use crate::misuse;
    use crate::sync::{AtomicUsize, Ordering};

    pub(super) type Stamp = usize;

    std::thread_local! {
        /// This thread's number; 0 while nothing asked for it. Unlike an address it is never used again.
        static THREAD: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn stamp() -> Stamp {
        THREAD.with(|thread| {
            if thread.get() == 0 {
                thread.set(next());
            }
            thread.get()
        })
    }

    #[inline(always)]
    pub(super) fn is_this(stamp: Stamp) -> bool {
        THREAD.get() == stamp
    }

    fn next() -> usize {
        // No lock, which a `fork` could find held. On 32-bit processors four thousand million threads have a number.
        static BEFORE: AtomicUsize = AtomicUsize::new(0);
        let before = BEFORE.fetch_add(1, Ordering::Relaxed);
        before.checked_add(1).unwrap_or_else(|| misuse::die("no thread can be told from the others any more"))
    }
}

/// Without std nothing tells threads apart, and the rule is its caller's alone.
#[cfg(not(feature = "std"))]
mod thread {
    pub(super) type Stamp = [usize; 0];

    pub(super) fn stamp() -> Stamp {
        []
    }

    #[inline(always)]
    pub(super) fn is_this([]: Stamp) -> bool {
        true
    }
}
