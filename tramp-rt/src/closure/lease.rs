//! How long C keeps a closure, and what ends it.
//!
//! | lease         | ended by                                       | differs in                                             |
//! |---------------|------------------------------------------------|--------------------------------------------------------|
//! | [`Kept`]      | its owner's drop, or the call of an `FnOnce`   |                                                        |
//! | [`Protected`] | its owner's drop                               | the slot is read-only and never holds the closure      |
//! | `Counted`     | its owner's drop, or the last call after it    | calls of an `Fn` are counted, beside the slot          |
//! | [`Notified`]  | C, by its user data                            | a closure that runs once stays until then              |
//! | [`Lent`]      | the scope that lends it                        | the scope lasts longer than the calls, so no call      |
//! |               |                                                | finds it ended; a panic may wait in the frame          |

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
    /// Whether the call of an `FnOnce` closure ends it. Nothing else does then.
    const ENDS_WITH_CALL: bool = false;
    /// Whether the closure lasts longer than every call of it.
    const OUTLASTS_CALLS: bool = false;
    /// Whether the slot may hold the closure itself. Then calls may change the slot's word.
    const MAY_BE_INLINE: bool = true;
    /// How calls of an `Fn` closure are counted, if they are.
    type Count: Count;
    /// Whether a panic may wait in a scope.
    const MAY_HAVE_PENDING: bool = false;
    /// The place where a panic waits, if a scope resumes it later.
    ///
    /// # Safety
    /// * The scope, if there is one, lasts for at least `'call`.
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic> {
        None
    }
}

/// A running call of an `Fn` closure, as its lease counts it.
pub trait Count {
    /// Whether the closure lies behind a counter.
    const COUNTED: bool;
    /// Counts a call. Ends the process if the closure is gone, whose callee has this tag.
    ///
    /// # Safety
    /// * If the closure lies behind a counter, the slot of the call was claimed with that counter.
    unsafe fn enter<C: Call>(call: C, tag: usize) -> Self;
}

impl Count for () {
    const COUNTED: bool = false;
    #[inline(always)]
    unsafe fn enter<C: Call>(_: C, _: usize) {}
}

/// Until its owner drops it, or until it was called once. A leaked one is never dropped.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept;

impl Lease for Kept {
    const ENDS_WITH_CALL: bool = true;
    type Count = ();
}

/// Until its owner drops it. Its slot is read-only.
#[derive(Debug, Clone, Copy, Default)]
pub struct Protected;

impl Lease for Protected {
    const MAY_BE_INLINE: bool = false;
    type Count = ();
}

/// Until C destroys it. The threads that may call it may also destroy it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Notified;

impl Lease for Notified {
    type Count = ();
}

/// During one call into C. `P` is the place where that call keeps a panic.
#[derive(Debug, Clone, Copy)]
pub struct Lent<P>(pub(crate) P);

impl<P: Panics> Lease for Lent<P> {
    const OUTLASTS_CALLS: bool = true;
    const MAY_HAVE_PENDING: bool = true;
    type Count = ();
    #[inline(always)]
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic> {
        // SAFETY: the scope lasts for `'call`: the condition of this method. The place belongs to that scope.
        unsafe { self.0.pending() }
    }
}
