//! What `name::bind(state)` of a `#[trampoline]` function is made of.
//!
//! The state comes back when it cannot be bound, and a closure cannot be taken apart, so the closure is made last.

use crate::closure::storage::{Owned, Permitted};
use crate::closure::threads::Stamped;
use crate::error::CreateError;
use crate::signature::Entry;
use crate::trampoline::{Trampoline, own_made};

/// A trampoline for the closure that `make` makes of `state`.
///
/// # Errors
/// As `Trampoline::new`; `make` was not called, and the state comes back.
pub fn bind<S, K, X>(state: X, make: impl FnOnce(X) -> K::Closure) -> Result<Trampoline<S, K::Threads>, CreateError<X>>
where
    S: Entry<K>,
    K: Owned<Threads: Stamped> + 'static,
{
    own_made(state, |state| K::new(make(state)))
}

/// As [`bind`], for a closure that frees itself.
///
/// # Errors
/// As [`bind`].
pub fn bind_once<S, K, X>(state: X, make: impl FnOnce(X) -> K::Closure) -> Result<S::Pointer, CreateError<X>>
where
    S: Entry<K>,
    K: Permitted<Threads: Stamped> + 'static,
{
    own_made::<S, K, X>(state, |state| K::new(make(state))).map(Trampoline::into_fn)
}
