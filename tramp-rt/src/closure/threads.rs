//! Which threads may call, and how long C keeps the closure.
//!
//! | threads        | who calls                         | adds                                                 |
//! |----------------|-----------------------------------|------------------------------------------------------|
//! | [`AnyThread`]  | any thread                        | the state is changed by an atomic exchange           |
//! | [`ThisThread`] | the creating thread               | each call checks the thread                          |
//! | [`InScope`]    | as one of the two above           | the same; and a panic may wait in the scope's frame  |
//! | [`Notified`]   | as one of the two above           | the same; what runs `once` stays, for C to destroy   |
//! | [`Protected`]  | any thread                        | nothing: the slot is read-only                       |
//! | `Counted`      | as one of the first two           | the same; calls of an `Fn` are counted               |
//!
//! What a closure has to be for that is said once, by [`Alter`] and [`Share`].

use core::fmt;
use core::marker::PhantomData;

use crate::claim::call::Call;
use crate::misuse;
use crate::signature::panic::{Nowhere, Pending, Waiting};
use crate::slot::State;
use crate::sync::Ordering;

pub(super) mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AnyThread {}
    impl Sealed for super::ThisThread {}
    impl<W: super::Threads, P: crate::signature::panic::Waiting> Sealed for super::InScope<W, P> {}
    impl<W: super::Stamped> Sealed for super::Notified<W> {}
    impl Sealed for super::Protected {}
}

/// Which threads may call a closure: [`AnyThread`], [`ThisThread`], [`InScope`], [`Notified`] or [`Counted`](crate::Counted).
pub trait Threads: sealed::Sealed + 'static {
    /// What a keeper remembers of its thread.
    #[doc(hidden)]
    type Stamp: Copy + fmt::Debug;
    /// Whether one thread alone gets past [`admit`](Self::admit), and drops as well.
    #[doc(hidden)]
    const ONLY_ONE: bool;
    /// A `once` closure owns its slot and frees it when called.
    #[doc(hidden)]
    const FREES_ITSELF: bool;
    /// Whether the slot may hold the closure itself, which may change under calls.
    #[doc(hidden)]
    const MAY_BE_INLINE: bool = true;
    /// Whether a panic may be left in a scope.
    #[doc(hidden)]
    const MAY_HAVE_PENDING: bool = false;
    /// Where a panic waits, if the keeper of this stamp has a scope to resume it.
    ///
    /// # Safety
    /// * The keeper's scope, if it has one, lasts for at least `'call`.
    #[doc(hidden)]
    unsafe fn pending<'call>(stamp: &Self::Stamp) -> Option<&'call Pending> {
        let _ = stamp;
        None
    }
    /// Whether calls are counted, beside a slot that stays with its counter.
    #[doc(hidden)]
    const COUNTED: bool = false;
    /// What a call of an `Fn` closure has while it runs.
    #[doc(hidden)]
    type Held;
    /// Has a call of an `Fn` closure be seen while it runs, if it can be. Dies if the closure, in a keeper of this tag, is
    /// gone.
    ///
    /// # Safety
    /// * The slot of the call was claimed for these threads: with its counter, if their calls are counted.
    #[doc(hidden)]
    unsafe fn hold<C: Call>(call: C, tag: usize) -> Self::Held;
    /// Dies if this thread may not call.
    #[doc(hidden)]
    fn admit(stamp: &Self::Stamp);
    /// Changes the state of a bound slot to `during`, and dies if another call did so before. Returns the state before.
    #[doc(hidden)]
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> State {
        // Calls come one after another, so whoever gets here has just gone through this word and found it bound.
        let before = call.entered();
        call.slot().handler.store(during, Ordering::Relaxed);
        before
    }
    /// Changes it back from *running* to `before`. Returns whether the owner was dropped meanwhile: then it is the call's
    /// to end what it ran.
    #[doc(hidden)]
    #[inline(always)]
    fn end<C: Call>(call: C, before: State) -> bool {
        let state = &call.slot().handler;
        if state.load(Ordering::Relaxed) != C::running() {
            return true;
        }
        state.store(before, Ordering::Release);
        false
    }
}

/// Threads of which a keeper can be made anywhere, not in a scope alone.
pub trait Stamped: Threads {
    /// What a keeper that is made by this thread remembers of it.
    fn stamp() -> Self::Stamp;
}

/// Threads of which it is known that they are the ones that may call, whoever does call: without std, if all may.
#[cfg(not(feature = "std"))]
pub trait Checked: Threads {}

#[cfg(not(feature = "std"))]
impl Checked for AnyThread {}

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

/// Threads that may have an `X`, and call what has `&mut` of it, one at a time.
pub trait Alter<X>: Threads {}

impl<X: Send> Alter<X> for AnyThread {}
impl<X> Alter<X> for ThisThread {}
impl<X: Send> Alter<X> for Protected {}
impl<X, W: Stamped + Alter<X>, P: Waiting> Alter<X> for InScope<W, P> {}
impl<X, W: Stamped + Alter<X>> Alter<X> for Notified<W> {}

/// Threads that may have an `X`, and call what has `&` of it, several at once if they are several.
pub trait Share<X>: Alter<X> {}

impl<X: Send + Sync> Share<X> for AnyThread {}
impl<X> Share<X> for ThisThread {}
impl<X: Send + Sync> Share<X> for Protected {}
impl<X, W: Stamped + Share<X>, P: Waiting> Share<X> for InScope<W, P> {}
impl<X, W: Stamped + Share<X>> Share<X> for Notified<W> {}

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
    fn stamp() {}
}

impl Threads for Protected {
    type Held = ();
    type Stamp = ();
    const ONLY_ONE: bool = false;
    const FREES_ITSELF: bool = false;
    const MAY_BE_INLINE: bool = false;
    #[inline(always)]
    unsafe fn hold<C: Call>(_: C, _: usize) {}
    #[inline(always)]
    fn admit((): &()) {}
}

impl Stamped for AnyThread {
    fn stamp() {}
}

impl Threads for AnyThread {
    type Held = ();
    type Stamp = ();
    const ONLY_ONE: bool = false;
    const FREES_ITSELF: bool = true;
    #[inline(always)]
    unsafe fn hold<C: Call>(_: C, _: usize) {}
    #[inline(always)]
    fn admit((): &()) {}
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> State {
        // Several calls may have gone through this word while it was bound. The exchange lets one in.
        let before = call.slot().begin(during);
        if !call.is_own(before) {
            C::die_of(before);
        }
        before
    }
    #[inline(always)]
    fn end<C: Call>(call: C, before: State) -> bool {
        // Another thread may drop the owner at any moment.
        call.slot().end(C::running(), before)
    }
}

impl<W: Stamped, P: Waiting> Threads for InScope<W, P> {
    type Held = ();
    type Stamp = (W::Stamp, P);
    const ONLY_ONE: bool = W::ONLY_ONE;
    const FREES_ITSELF: bool = false;
    const MAY_HAVE_PENDING: bool = true;
    #[inline(always)]
    unsafe fn hold<C: Call>(_: C, _: usize) {}
    #[inline(always)]
    fn admit((threads, _): &Self::Stamp) {
        W::admit(threads);
    }
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> State {
        W::begin(call, during)
    }
    #[inline(always)]
    fn end<C: Call>(call: C, before: State) -> bool {
        // A loan lasts longer than the calls of it.
        call.slot().handler.store(before, Ordering::Release);
        false
    }
    #[inline(always)]
    unsafe fn pending<'call>((_, waiting): &Self::Stamp) -> Option<&'call Pending> {
        // SAFETY: the keeper's scope lasts for `'call`, as this method demands, and the place is of that scope.
        unsafe { waiting.pending() }
    }
}

impl<W: Stamped> Stamped for Notified<W> {
    fn stamp() -> W::Stamp {
        W::stamp()
    }
}

impl<W: Stamped> Threads for Notified<W> {
    type Held = ();
    type Stamp = W::Stamp;
    const ONLY_ONE: bool = W::ONLY_ONE;
    const FREES_ITSELF: bool = false;
    #[inline(always)]
    unsafe fn hold<C: Call>(_: C, _: usize) {}
    #[inline(always)]
    fn admit(stamp: &W::Stamp) {
        W::admit(stamp);
    }
    #[inline(always)]
    fn begin<C: Call>(call: C, during: State) -> State {
        W::begin(call, during)
    }
    #[inline(always)]
    fn end<C: Call>(call: C, before: State) -> bool {
        W::end(call, before)
    }
}

impl Stamped for ThisThread {
    fn stamp() -> thread::Stamp {
        thread::stamp()
    }
}

impl Threads for ThisThread {
    type Held = ();
    type Stamp = thread::Stamp;
    const ONLY_ONE: bool = true;
    const FREES_ITSELF: bool = true;
    #[inline(always)]
    unsafe fn hold<C: Call>(_: C, _: usize) {}
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
        // What is counted stays at the last number: no thread gets one that another has while this one dies.
        match BEFORE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| before.checked_add(1)) {
            Ok(before) => before + 1,
            Err(_) => misuse::die("no thread can be told from the others any more"),
        }
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
            direct::claim(&[core::ptr::null()], direct::tag::<u8>()).expect("the first slot");
            // SAFETY: as if thunk 0 of the type had been called.
            let call = unsafe { direct::enter_direct::<u8, 0>() };
            let other = core::ptr::without_provenance_mut(direct::tag::<u16>());
            call.slot().handler.store(other, Ordering::Relaxed);
            AnyThread::begin(call, <MappedCall as Call>::taken());
            exit(0);
        }
        let mut child = alone(module_path!(), "an_exclusive_call_dies_of_another_types_tag");
        let output = child.env(CHILD, "1").output().expect("a child process");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains("called after its trampoline was dropped"), "{stderr}");
    }
}
