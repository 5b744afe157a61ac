//! How long C keeps a closure, and what ends it.
//!
//! | lease         | ended by                                       | adds                                                   |
//! |---------------|------------------------------------------------|--------------------------------------------------------|
//! | [`Kept`]      | its owner's drop, or the call of an `FnOnce`   | nothing                                                |
//! | [`Protected`] | its owner's drop                               | nothing lies in the slot, which is read-only           |
//! | `Counted`     | its owner's drop, or the last call after it    | calls of an `Fn` are counted, beside the slot          |
//! | [`Notified`]  | C, by its user data                            | what runs once stays until then                        |
//! | [`Lent`]      | the scope that lends it, which lasts longer    | no call finds it ended; a panic may wait in the frame  |
//! |               | than the calls                                 |                                                        |

use core::fmt;

use crate::claim::call::Call;
use crate::signature::panic::{Panics, PendingPanic};

pub(super) mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Kept {}
    impl Sealed for super::Protected {}
    impl Sealed for super::Notified {}
    impl<P: crate::signature::panic::Panics> Sealed for super::Lent<P> {}
}

/// How long C keeps a closure: `Kept`, `Protected`, `Counted`, [`Notified`] or [`Lent`].
pub trait Lease: sealed::Sealed + Copy + fmt::Debug + 'static {
    /// Whether the call of an `FnOnce` closure ends it, as nothing else does.
    const ENDS_WITH_CALL: bool = false;
    /// Whether no call can find that its closure was ended.
    const OUTLASTS_CALLS: bool = false;
    /// Whether the slot may hold the closure itself, which may change under calls.
    const MAY_BE_INLINE: bool = true;
    /// How calls of an `Fn` closure are counted, if they are.
    type Count: Count;
    /// Whether a panic may wait in a scope.
    const MAY_HAVE_PENDING: bool = false;
    /// Where a panic waits, if there is a scope to resume it.
    ///
    /// # Safety
    /// * The scope, if there is one, lasts for at least `'call`.
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic> {
        None
    }
}

/// What a call of an `Fn` closure has while it runs.
pub trait Count {
    /// Whether the closure is behind a counter.
    const COUNTED: bool;
    /// Counts a call. Dies if the closure, in a callee of this tag, is gone.
    ///
    /// # Safety
    /// * The slot of the call was claimed with a counter, if there is one.
    unsafe fn enter<C: Call>(call: C, tag: usize) -> Self;
}

impl Count for () {
    const COUNTED: bool = false;
    #[inline(always)]
    unsafe fn enter<C: Call>(_: C, _: usize) {}
}

/// Until its owner drops it, or it was called once, or for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept;

impl Lease for Kept {
    const ENDS_WITH_CALL: bool = true;
    type Count = ();
}

/// Until its owner drops it, through a slot that is read-only.
#[derive(Debug, Clone, Copy, Default)]
pub struct Protected;

impl Lease for Protected {
    const MAY_BE_INLINE: bool = false;
    type Count = ();
}

/// Until C destroys it, which is for the threads that may call it as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct Notified;

impl Lease for Notified {
    type Count = ();
}

/// During one call into C. `P` is where that keeps a panic.
#[derive(Debug, Clone, Copy)]
pub struct Lent<P>(pub(crate) P);

impl<P: Panics> Lease for Lent<P> {
    const OUTLASTS_CALLS: bool = true;
    const MAY_HAVE_PENDING: bool = true;
    type Count = ();
    #[inline(always)]
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic> {
        // SAFETY: the scope lasts for `'call`, as this method demands, and the place is of that scope.
        unsafe { self.0.pending() }
    }
}
