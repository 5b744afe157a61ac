//! Who may call.
//!
//! | threads        | who calls            | a call                                                         |
//! |----------------|----------------------|----------------------------------------------------------------|
//! | [`AnyThread`]  | any thread           | changes the state, if it does, by an atomic exchange           |
//! | [`ThisThread`] | the creating thread  | checks the thread                                              |
//!
//! What a closure has to be for that is said once, by [`Permits`].

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
    /// What a callee remembers of the thread that made it.
    #[doc(hidden)]
    type Thread: Copy + fmt::Debug;
    /// Whether one thread alone gets past [`check_thread`](Self::check_thread), and drops as well.
    #[doc(hidden)]
    const ONLY_ONE: bool;
    /// This thread.
    #[doc(hidden)]
    fn this_thread() -> Self::Thread;
    /// What a direct slot's tag has of this thread, if this thread alone may call what it makes. The number of a thread that
    /// made nothing yet is no other's.
    #[doc(hidden)]
    #[inline(always)]
    fn in_tag() -> Option<usize> {
        None
    }
    /// As [`in_tag`](Self::in_tag), of a thread that is about to make something.
    #[doc(hidden)]
    #[inline(always)]
    fn in_new_tag() -> Option<usize> {
        None
    }
    /// Dies if this thread may not call what `thread` made.
    #[doc(hidden)]
    fn check_thread(thread: &Self::Thread);
    /// Changes the state of a bound slot to `during`, and dies if another call did so before. Returns the state before.
    #[doc(hidden)]
    fn enter_state<C: Call>(call: C, during: State) -> State;
    /// Changes it back from *running* to `before`. Returns whether the owner was dropped meanwhile: then it is the call's
    /// to end what it ran.
    #[doc(hidden)]
    fn leave_state<C: Call>(call: C, before: State) -> bool;
}

/// Threads that may have an `X` and run it so: it is `Send` if they are others, and `Sync` if several may run it at once.
///
/// Whatever binds a closure demands it, whoever named the bounds of the closure, and how.
///
/// # Safety
/// * No thread that passes [`check_thread`](Threads::check_thread) may have an `X` in a way that its `Send` and `Sync` forbid:
///   several threads have `&X` by `Shared`, and one after the other has `&mut X` or `X` by the two others.
pub unsafe trait Permits<X, A: Access>: Threads {}

// SAFETY: any thread has `&X`, for which `X` is `Sync`; and the last one drops it, for which it is `Send`.
unsafe impl<X: Send + Sync> Permits<X, Shared> for AnyThread {}
// SAFETY: the state lets one thread in at a time, for which `X` is `Send`.
unsafe impl<X: Send> Permits<X, Exclusive> for AnyThread {}
// SAFETY: one thread has the closure, for which `X` is `Send`.
unsafe impl<X: Send> Permits<X, Once> for AnyThread {}
// SAFETY: only the thread that made the closure passes the check.
unsafe impl<X, A: Access> Permits<X, A> for ThisThread {}

/// Evaluated by the compiler for each closure of [`ThisThread`] that a `safe fn` takes, which anyone may then have called.
///
/// # Panics
/// Without std, which is an error of the compiler.
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
        // Several calls may have gone through this word while it was bound. The exchange lets one in.
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
        thread::this(); // which has a number then
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
        // Calls come one after another, so whoever gets here has just gone through this word and found it bound.
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

    /// A call that has passed the tag when the slot goes to a closure of another type.
    #[test]
    fn an_exclusive_call_dies_of_another_types_tag() {
        if std::env::var_os(CHILD).is_some() {
            direct::claim_found(0, &[core::ptr::null()], direct::tag::<u8>()).expect("the first slot");
            // SAFETY: as if thunk 0 of the type had been called.
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
