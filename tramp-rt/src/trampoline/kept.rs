//! Closures that C keeps, and ends by itself if at all: it calls them once, destroys them, or has them for ever.
//!
//! They are made before C is called, and given to it when nothing else can fail that the call needs. So none is lost if
//! another one, or a loan, cannot be had.

use core::fmt;

use crate::closure::storage::{Keeper, Permitted};
use crate::closure::threads::{Notified, Stamped, Threads};
use crate::entry::destroy::Destroy;
use crate::error::CreateError;
use crate::signature::{Delivery, Entry, Signature, UserData};
use crate::trampoline::{Trampoline, own};

/// A closure that C is to keep. Dropped instead of given to C, it drops the closure.
///
/// No pointer is had of it before it is C's: what is called once would be called and dropped.
#[must_use = "the closure is dropped if it is not given"]
pub struct Kept<S, T: Threads>(Trampoline<S, T>);

impl<S: Signature, T: Threads> Kept<S, T> {
    /// What C calls. From now on the closure is C's.
    pub fn give(self) -> S::Pointer {
        self.0.into_fn()
    }
}

impl<S, T: Threads> fmt::Debug for Kept<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.0).finish()
    }
}

/// What a keeper `K` of the signature `S` is in until C has it.
type KeptIn<S, K> = Kept<S, <K as Keeper>::Threads>;

/// What is made of a closure, or the closure again.
type Made<T, K> = Result<T, CreateError<<K as Keeper>::Closure>>;

/// A closure for C to keep.
///
/// # Errors
/// As `Trampoline::new`.
pub fn keep<S, K>(closure: K::Closure) -> Made<KeptIn<S, K>, K>
where
    S: Entry<K>,
    K: Permitted<Threads: Stamped> + 'static,
{
    own(K::new(closure)).map(Kept)
}

/// As [`keep`], of a closure that may be absent.
///
/// # Errors
/// As [`keep`].
pub fn keep_nullable<S, K>(closure: Option<K::Closure>) -> Made<Option<KeptIn<S, K>>, K>
where
    S: Entry<K>,
    K: Permitted<Threads: Stamped> + 'static,
{
    closure.map(keep::<S, K>).transpose()
}

/// A closure, and what C destroys it with.
type WithDestroy<T, D> = (T, <D as Destroy>::Pointer);

/// A closure that stays until C destroys it, and what C destroys it with.
///
/// # Errors
/// As [`keep`].
pub fn notified<S, K, D, W>(closure: K::Closure) -> Made<WithDestroy<KeptIn<S, K>, D>, K>
where
    S: Entry<K>,
    K: Permitted<Threads = Notified<W>> + 'static,
    D: Destroy,
    W: Stamped,
{
    const { assert!(matches!(S::DELIVERY, Delivery::UserData), "C destroys a closure by its user data") }
    Ok((keep::<S, K>(closure)?, D::of::<K>()))
}

/// As [`notified`], of a closure that may be absent: C gets NULL for it and its user data then.
///
/// # Errors
/// As [`keep`].
pub fn notified_nullable<S, K, D, W>(closure: Option<K::Closure>) -> Made<WithDestroy<Option<KeptIn<S, K>>, D>, K>
where
    S: Entry<K>,
    K: Permitted<Threads = Notified<W>> + 'static,
    D: Destroy,
    W: Stamped,
{
    const { assert!(matches!(S::DELIVERY, Delivery::UserData), "C destroys a closure by its user data") }
    Ok((keep_nullable::<S, K>(closure)?, D::of::<K>()))
}

/// The two parts of what a closure that may be absent is reached by.
pub fn split<P>(pair: Option<(P, UserData)>) -> (Option<P>, UserData) {
    match pair {
        Some((pointer, data)) => (Some(pointer), data),
        None => (None, core::ptr::null_mut()),
    }
}
