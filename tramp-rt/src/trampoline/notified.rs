//! Closures that stay until C destroys them, by the user data that leads to them.

use crate::closure::storage::{self, Keeper};
use crate::closure::threads::Stamped;
use crate::entry::data::Destroy;
use crate::error::CreateError;
use crate::signature::{Entry, UserData};

/// What C is given, or the closure again.
type Given<P, D, F> = Result<(P, D), CreateError<F>>;

/// A closure that stays until C destroys it: what C calls, and with what it destroys.
///
/// # Errors
/// If there is no memory. The closure comes back.
pub fn notified<S, K, D>(closure: K::Closure) -> Given<S::Pointer, D::Pointer, K::Closure>
where
    S: Entry<K>,
    K: Keeper<Threads: Stamped>,
    D: Destroy,
{
    let entry = <S as Entry<K>>::ENTRY_POINTS.handler;
    match storage::keep_by_data(entry, closure, |closure| K::with_stamp(closure, K::Threads::stamp())) {
        // SAFETY: the block was made for this entry point of this signature.
        Ok(claimed) => Ok((unsafe { S::pointer(entry, claimed.user_data()) }, D::of::<K>())),
        Err((error, closure)) => Err(CreateError { closure, error }),
    }
}

/// As [`notified`], of a closure that may be absent: C gets NULL for it and its user data then.
///
/// # Errors
/// As [`notified`].
pub fn notified_nullable<S, K, D>(closure: Option<K::Closure>) -> Given<Option<S::Pointer>, D::Pointer, K::Closure>
where
    S: Entry<K>,
    K: Keeper<Threads: Stamped>,
    D: Destroy,
{
    match closure {
        Some(closure) => notified::<S, K, D>(closure).map(|(pointer, destroy)| (Some(pointer), destroy)),
        None => Ok((None, D::of::<K>())),
    }
}

/// The two parts of what a closure that may be absent is reached by.
pub fn split<P>(pair: Option<(P, UserData)>) -> (Option<P>, UserData) {
    match pair {
        Some((pointer, data)) => (Some(pointer), data),
        None => (None, core::ptr::null_mut()),
    }
}
