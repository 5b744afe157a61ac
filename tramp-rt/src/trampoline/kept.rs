//! Closures that C keeps and Rust does not own. C calls them once, destroys them, or keeps them for the rest of the process.
//!
//! A wrapper prepares them before it calls C, and gives them to C when nothing else can fail. So no closure is lost if another
//! one, or a loan, cannot be created.

use core::fmt;

use crate::closure::access::Access;
use crate::closure::callee::Callee;
use crate::closure::lease::{Kept, Notified};
use crate::closure::threads::{Permits, Threads};
use crate::entry::destroy::Destroy;
use crate::error::CreateError;
use crate::signature::{Accepts, AsUserData, Delivery, Signature};
use crate::trampoline::{Trampoline, own};

/// A closure that is ready to be given to C. If it is dropped instead, it drops the closure.
///
/// It has no pointer before C gets it: a call of a closure that is called once would drop the closure, and this would drop it
/// again.
#[must_use = "the closure is dropped if it is not given"]
pub struct Prepared<S, T: Threads>(Trampoline<S, T>);

impl<S: Signature, T: Threads> Prepared<S, T> {
    /// The pointer for C, which owns the closure from now on.
    pub fn give(self) -> S::Pointer {
        self.0.into_fn()
    }
}

impl<S, T: Threads> fmt::Debug for Prepared<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.0).finish()
    }
}

/// Prepares a closure for C to keep.
///
/// # Errors
/// The same as `Trampoline::new`.
pub fn prepare<S, F, A, T>(closure: F) -> Result<Prepared<S, T>, CreateError<F>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
{
    own::<S, F, A, T, Kept, F>(closure, |closure| closure).map(Prepared)
}

/// Does the same as [`prepare`] for a closure that may be absent.
///
/// # Errors
/// The same as [`prepare`].
pub fn prepare_nullable<S, F, A, T>(closure: Option<F>) -> Result<Option<Prepared<S, T>>, CreateError<F>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
{
    closure.map(prepare::<S, F, A, T>).transpose()
}

/// A prepared closure and the function by which C destroys it, or an error with the closure.
type WithDestroy<K, D, F> = Result<(K, <D as Destroy>::Pointer), CreateError<F>>;

/// Prepares a closure that stays until C destroys it, and returns it with the function by which C does so.
///
/// # Errors
/// The same as [`prepare`].
pub fn notified<S, F, A, T, D>(closure: F) -> WithDestroy<Prepared<S, T>, D, F>
where
    S: Accepts<Callee<F, A, T, Notified>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
    D: Destroy,
{
    const { assert!(matches!(S::DELIVERY, Delivery::UserData), "C destroys a closure by its user data") }
    let kept = own::<S, F, A, T, Notified, F>(closure, |closure| closure).map(Prepared)?;
    Ok((kept, D::of::<F, A, T>()))
}

/// Does the same as [`notified`] for a closure that may be absent. If it is, C gets NULL for it and for its user data.
///
/// # Errors
/// The same as [`prepare`].
pub fn notified_nullable<S, F, A, T, D>(closure: Option<F>) -> WithDestroy<Option<Prepared<S, T>>, D, F>
where
    S: Accepts<Callee<F, A, T, Notified>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
    D: Destroy,
{
    match closure {
        Some(closure) => notified::<S, F, A, T, D>(closure).map(|(kept, destroy)| (Some(kept), destroy)),
        None => Ok((None, D::of::<F, A, T>())),
    }
}

/// Splits the pair of a function pointer and its user data, which may be absent.
pub fn split<P, D: AsUserData>(pair: Option<(P, D)>) -> (Option<P>, D) {
    match pair {
        Some((pointer, data)) => (Some(pointer), data),
        None => (None, D::of(core::ptr::null_mut())),
    }
}
