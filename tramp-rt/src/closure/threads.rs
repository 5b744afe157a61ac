//! Which threads may call.
//!
//! | threads        | may call             | a call                                                         |
//! |----------------|----------------------|----------------------------------------------------------------|
//! | [`AnyThread`]  | any thread           | changes the state, if it does, by an atomic exchange           |
//! | [`ThisThread`] | the creating thread  | checks the thread                                              |
//!
//! [`Permits`] says once what this demands of a closure.

use core::fmt;
use core::marker::PhantomData;

use super::access::{Access, Exclusive, Once, Shared};
use crate::claim::call::Call;
use crate::slot::State;
use crate::sync::Ordering;
use crate::{misuse, thread};

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AnyThread {}
    impl Sealed for super::ThisThread {}
}

/// Which threads may call a closure: [`AnyThread`] or [`ThisThread`].
pub trait Threads: sealed::Sealed + 'static {
    /// What a callee remembers about the thread that made it.
    #[doc(hidden)]
    type Thread: Copy + fmt::Debug;
    /// Whether only one thread gets past [`check_thread`](Self::check_thread), and the same thread drops.
    #[doc(hidden)]
    const ONLY_ONE: bool;
    /// This thread.
    #[doc(hidden)]
    fn this_thread() -> Self::Thread;
    /// The part of a direct slot's tag that stands for this thread, if only the creating thread may call. A thread that
    /// has made nothing yet has a number that no thread's slots have.
    #[doc(hidden)]
    #[inline(always)]
    fn in_tag() -> Option<usize> {
        None
    }
    /// Like [`in_tag`](Self::in_tag), for a thread that is about to make a callee.
    #[doc(hidden)]
    #[inline(always)]
    fn in_new_tag() -> Option<usize> {
        None
    }
    /// Ends the process if this thread may not call what `thread` made.
    #[doc(hidden)]
    fn check_thread(thread: &Self::Thread);
    /// Changes the state of a bound slot to `during`, and returns the previous state. Ends the process if another call
    /// has changed it before.
    #[doc(hidden)]
    fn enter_state<C: Call>(call: C, during: State) -> State;
    /// Changes the state back from *running* to `before`. Returns whether the owner was dropped in the meantime. If so,
    /// the call has to end the closure.
    #[doc(hidden)]
    fn leave_state<C: Call>(call: C, before: State) -> bool;
}

/// Says that these threads may have an `X` and use it by the access `A`. For that, `X` is `Send` if another thread than
/// its maker may get it, and `Sync` if several threads may use it at once.
///
/// Every function that binds a closure demands this, no matter which bounds its caller has already checked.
///
/// # Safety
/// * No thread that passes [`check_thread`](Threads::check_thread) gets an `X` in a way that its `Send` and `Sync`
///   forbid. By `Shared`, several threads have `&X` at once. By the other two, one thread after the other has `&mut X`
///   or `X`.
pub unsafe trait Permits<X, A: Access>: Threads {}

// SAFETY: several threads have `&X`, because `X` is `Sync`. The last one may drop it, because `X` is `Send`.
unsafe impl<X: Send + Sync> Permits<X, Shared> for AnyThread {}
// SAFETY: the state lets in one thread at a time, and `X` is `Send`.
unsafe impl<X: Send> Permits<X, Exclusive> for AnyThread {}
// SAFETY: one thread gets the closure, and `X` is `Send`.
unsafe impl<X: Send> Permits<X, Once> for AnyThread {}
// SAFETY: only the thread that made the closure passes the check.
unsafe impl<X, A: Access> Permits<X, A> for ThisThread {}

/// The compiler evaluates this for each [`ThisThread`] closure that a `safe fn` takes, because safe code may make any
/// thread call such a closure.
///
/// # Panics
/// Without std. The compiler reports this panic as an error.
#[track_caller]
pub const fn assert_this_thread_is_checked() {
    #[cfg(not(feature = "std"))]
    panic!(
        "without the feature `std` nothing checks which thread calls this closure: add `+ Send`, and `Sync` to an `Fn`, so \
         that any thread may, or remove `safe`"
    );
}

/// Any thread may call. So the closure must be `Send`, and `Sync` if several threads may call it at once.
#[derive(Debug, Clone, Copy)]
pub struct AnyThread(());

/// Only the creating thread may call. Each call checks its thread, so the closure need not be `Send` or `Sync`.
#[derive(Debug, Clone, Copy)]
pub struct ThisThread(PhantomData<*const ()>);

impl Threads for AnyThread {
    type Thread = ();
    const ONLY_ONE: bool = false;
    #[inline(always)]
    fn this_thread() {}
    #[inline(always)]
    fn check_thread((): &()) {}
    #[inline(always)]
    fn enter_state<C: Call>(call: C, during: State) -> State {
        // Several calls may have read this word while the slot was bound. The exchange lets one of them in.
        let before = call.slot().begin(during);
        if !call.is_own(before) {
            C::die_of(before);
        }
        before
    }
    #[inline(always)]
    fn leave_state<C: Call>(call: C, before: State) -> bool {
        // Another thread may drop the owner at any moment.
        call.slot().end(C::running(), before)
    }
}

impl Threads for ThisThread {
    type Thread = thread::Thread;
    const ONLY_ONE: bool = true;
    #[inline]
    fn this_thread() -> thread::Thread {
        thread::this()
    }
    #[inline(always)] // on the path of every call
    fn in_tag() -> Option<usize> {
        thread::number()
    }
    #[inline(always)]
    fn in_new_tag() -> Option<usize> {
        thread::this(); // gives the thread a number if it has none
        thread::number()
    }
    #[inline(always)]
    fn check_thread(thread: &thread::Thread) {
        if !thread::is_this(*thread) {
            misuse::called_from_another_thread();
        }
    }
    #[inline(always)]
    fn enter_state<C: Call>(call: C, during: State) -> State {
        // Calls come one after another. So this call has just read this word and found the slot bound.
        let before = call.bound_state();
        call.slot().handler.store(during, Ordering::Relaxed);
        before
    }
    #[inline(always)]
    fn leave_state<C: Call>(call: C, before: State) -> bool {
        let state = &call.slot().handler;
        if state.load(Ordering::Relaxed) != C::running() {
            return true;
        }
        state.store(before, Ordering::Release);
        false
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::process::exit;

    use super::*;
    use crate::alone::alone;
    use crate::claim::call::MappedCall;
    use crate::claim::direct;

    const CHILD: &str = "TRAMP_TEST_OTHER_TAG";

    /// A call has passed the tag. Then the slot goes to a closure of another type.
    #[test]
    fn an_exclusive_call_dies_of_another_types_tag() {
        if std::env::var_os(CHILD).is_some() {
            direct::claim_found(0, &[core::ptr::null()], direct::tag::<u8>()).expect("the first slot");
            // SAFETY: this acts as if C had called thunk 0 of the type.
            let call = unsafe { direct::enter_direct::<u8, 0>(None) };
            let other = core::ptr::without_provenance_mut(direct::tag::<u16>());
            call.slot().handler.store(other, Ordering::Relaxed);
            AnyThread::enter_state(call, <MappedCall as Call>::spent());
            exit(0);
        }
        let mut child = alone(module_path!(), "an_exclusive_call_dies_of_another_types_tag");
        let output = child.env(CHILD, "1").output().expect("a child process");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains("called after its trampoline was dropped"), "{stderr}");
    }
}
