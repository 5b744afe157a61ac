//! What `name::bind(state)` of a `#[trampoline]` function is made of.
//!
//! The state comes back when it cannot be bound, and a closure cannot be taken apart, so the closure is made last. Which
//! closure is to be made, the keepers below tell the compiler: each has the bounds of the constructor of its name.

use crate::closure::run::{Exclusive, Once, Shared};
use crate::closure::storage::Keeper;
use crate::closure::threads::{AnyThread, ThisThread};
use crate::error::CreateError;
use crate::signature::Entry;
use crate::trampoline::{Trampoline, own_made};

/// A trampoline for the closure that `make` makes of `state`.
///
/// # Errors
/// As `Trampoline::new`; `make` was not called, and the state comes back.
pub fn bind<S, X, K>(state: X, make: impl FnOnce(X) -> K) -> Result<Trampoline<S, K::Threads>, CreateError<X>>
where
    S: Entry<K>,
    K: Keeper,
{
    own_made(state, make)
}

/// As [`bind`], for a closure that frees itself.
///
/// # Errors
/// As [`bind`].
pub fn bind_once<S, X, K>(state: X, make: impl FnOnce(X) -> K) -> Result<S::Pointer, CreateError<X>>
where
    S: Entry<K>,
    K: Keeper,
{
    own_made::<S, K, X>(state, make).map(Trampoline::into_fn)
}

macro_rules! keepers {
    ($($name:ident: $Keeper:ident, $Threads:ident, [$($bound:tt)*];)*) => { $(
        #[doc = concat!("The keeper of [`Trampoline::", stringify!($name), "`].")]
        pub fn $name<S, F>(closure: F) -> $Keeper<F, $Threads>
        where
            F: $($bound)*,
            S: Entry<$Keeper<F, $Threads>>,
        {
            $Keeper::new(closure)
        }
    )* };
}

keepers! {
    new: Shared, AnyThread, [Send + Sync + 'static];
    new_mut: Exclusive, AnyThread, [Send + 'static];
    once: Once, AnyThread, [Send + 'static];
    local: Shared, ThisThread, ['static];
    local_mut: Exclusive, ThisThread, ['static];
    local_once: Once, ThisThread, ['static];
}
