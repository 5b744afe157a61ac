//! What `name::bind(state)` of a `#[trampoline]` function is made of.
//!
//! The state comes back when it cannot be bound, and a closure cannot be taken apart, so the closure is made last.

use crate::closure::callee::Callee;
use crate::closure::lease::Kept;
use crate::closure::run::{Repeated, Run};
use crate::closure::threads::Permits;
use crate::error::CreateError;
use crate::signature::Entry;
use crate::trampoline::{Trampoline, own};

/// A trampoline for the closure that `make` makes of `state`.
///
/// # Errors
/// As `Trampoline::new`; `make` was not called, and the state comes back.
pub fn bind<S, F, R, T, X>(state: X, make: impl FnOnce(X) -> F) -> Result<Trampoline<S, T>, CreateError<X>>
where
    S: Entry<Callee<F, R, T>>,
    F: 'static,
    R: Repeated,
    T: Permits<F, R>,
{
    own::<S, F, R, T, Kept, X>(state, make)
}

/// As [`bind`], for a closure that frees itself.
///
/// # Errors
/// As [`bind`].
pub fn bind_once<S, F, R, T, X>(state: X, make: impl FnOnce(X) -> F) -> Result<S::Pointer, CreateError<X>>
where
    S: Entry<Callee<F, R, T>>,
    F: 'static,
    R: Run,
    T: Permits<F, R>,
{
    own::<S, F, R, T, Kept, X>(state, make).map(Trampoline::into_fn)
}
