//! The functions behind `name::bind(state)` of a `#[trampoline]` function.
//!
//! If the state cannot be bound, the error contains it. A closure cannot be taken apart again, so it is made last.

use crate::closure::access::{Access, Repeated};
use crate::closure::callee::Callee;
use crate::closure::lease::Kept;
use crate::closure::threads::Permits;
use crate::error::CreateError;
use crate::signature::Accepts;
use crate::trampoline::{Trampoline, own};

/// Creates a trampoline for the closure that `make` makes of `state`.
///
/// # Errors
/// The same as `Trampoline::new`. Then `make` does not run, and the error contains the state.
pub fn bind<S, F, A, T, X>(state: X, make: impl FnOnce(X) -> F) -> Result<Trampoline<S, T>, CreateError<X>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Repeated,
    T: Permits<F, A>,
{
    own::<S, F, A, T, Kept, X>(state, make)
}

/// Does the same as [`bind`] for a closure that frees itself.
///
/// # Errors
/// The same as [`bind`].
pub fn bind_once<S, F, A, T, X>(state: X, make: impl FnOnce(X) -> F) -> Result<S::Pointer, CreateError<X>>
where
    S: Accepts<Callee<F, A, T>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
{
    own::<S, F, A, T, Kept, X>(state, make).map(Trampoline::into_fn)
}
