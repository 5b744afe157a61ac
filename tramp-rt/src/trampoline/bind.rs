//! What `name::bind(state)` of a `#[trampoline]` function is made of.
//!
//! The state comes back when it cannot be bound, and a closure cannot be taken apart, so the closure is made last.

use crate::closure::access::{Access, Repeated};
use crate::closure::callee::Callee;
use crate::closure::lease::Kept;
use crate::closure::threads::Permits;
use crate::error::CreateError;
use crate::signature::Accepts;
use crate::trampoline::{Trampoline, own};

/// A trampoline for the closure that `make` makes of `state`.
///
/// # Errors
/// As `Trampoline::new`; `make` was not called, and the state comes back.
pub fn bind<S, F, A, T, X>(state: X, make: impl FnOnce(X) -> F) -> Result<Trampoline<S, T>, CreateError<X>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Repeated,
    T: Permits<F, A>,
{
    own::<S, F, A, T, Kept, X>(state, make)
}

/// As [`bind`], for a closure that frees itself.
///
/// # Errors
/// As [`bind`].
pub fn bind_once<S, F, A, T, X>(state: X, make: impl FnOnce(X) -> F) -> Result<S::Pointer, CreateError<X>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
{
    own::<S, F, A, T, Kept, X>(state, make).map(Trampoline::into_fn)
}
