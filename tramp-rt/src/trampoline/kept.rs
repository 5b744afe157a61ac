//! Closures that C keeps, and ends by itself if at all: it calls them once, destroys them, or has them for ever.
//!
//! They are made before C is called, and given to it when nothing else can fail that the call needs. So none is lost if
//! another one, or a loan, cannot be had.

use core::fmt;

use crate::closure::access::Access;
use crate::closure::callee::Callee;
use crate::closure::lease::{Kept, Notified};
use crate::closure::threads::{Permits, Threads};
use crate::entry::destroy::Destroy;
use crate::error::CreateError;
use crate::signature::{Accepts, Delivery, Signature, UserData};
use crate::trampoline::{Trampoline, own};

/// A closure that C is to keep. Dropped instead of given to C, it drops the closure.
///
/// No pointer is had of it before it is C's: what is called once would be called and dropped.
#[must_use = "the closure is dropped if it is not given"]
pub struct Prepared<S, T: Threads>(Trampoline<S, T>);

impl<S: Signature, T: Threads> Prepared<S, T> {
    /// What C calls. From now on the closure is C's.
    pub fn give(self) -> S::Pointer {
        self.0.into_fn()
    }
}

impl<S, T: Threads> fmt::Debug for Prepared<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.0).finish()
    }
}

/// A closure for C to keep.
///
/// # Errors
/// As `Trampoline::new`.
pub fn prepare<S, F, A, T>(closure: F) -> Result<Prepared<S, T>, CreateError<F>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
{
    own::<S, F, A, T, Kept, F>(closure, |closure| closure).map(Prepared)
}

/// As [`prepare`], of a closure that may be absent.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_nullable<S, F, A, T>(closure: Option<F>) -> Result<Option<Prepared<S, T>>, CreateError<F>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
{
    closure.map(prepare::<S, F, A, T>).transpose()
}

/// A closure and what C destroys it with, or the closure again.
type WithDestroy<K, D, F> = Result<(K, <D as Destroy>::Pointer), CreateError<F>>;

/// A closure that stays until C destroys it, and what C destroys it with.
///
/// # Errors
/// As [`prepare`].
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

/// As [`notified`], of a closure that may be absent: C gets NULL for it and its user data then.
///
/// # Errors
/// As [`prepare`].
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

/// The two parts of what a closure that may be absent is reached by.
pub fn split<P>(pair: Option<(P, UserData)>) -> (Option<P>, UserData) {
    match pair {
        Some((pointer, data)) => (Some(pointer), data),
        None => (None, core::ptr::null_mut()),
    }
}
