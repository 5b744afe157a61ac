//! What becomes of a panic in a closure whose signature has a value for C in its stead.
//!
//! ```text
//!   closure panics ──▶ contain ──┬── in a scope      PendingPanic, in the frame of the scope ──▶ resumed after C returned
//!                        │       └── otherwise       the hook that was declared
//!                        ▼
//!                    the value, returned to C
//! ```
//!
//! Which signature does so is a part of its type: [`Panics`] is an address for the panic, or none. So a signature that
//! aborts or unwinds has no code for it, and no word in its callees.

use core::any::Any;
use core::fmt;
use core::ptr::NonNull;

use alloc::boxed::Box;

use crate::misuse;

/// What a panic carries, as `std::panic::catch_unwind` returns it.
type Payload = Box<dyn Any + Send>;

/// Who gets a panic that no scope resumes.
pub type Hook = fn(Payload);

#[cfg(feature = "std")]
pub use caught::{PendingPanic, contain};
#[cfg(not(feature = "std"))]
pub use uncaught::{PendingPanic, contain};

/// With std panics are caught.
#[cfg(feature = "std")]
mod caught {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::{Mutex, OnceLock, PoisonError};

    use super::{Hook, Payload, no_unwinding};

    /// The first panic in the closures of a scope, from when it is caught until C has returned.
    #[derive(Default)]
    pub struct PendingPanic(OnceLock<Mutex<Payload>>);

    impl PendingPanic {
        /// Runs `scope`, then goes on with the panic that was left in it, if any.
        ///
        /// If `scope` itself unwinds, that goes on, and the panic that was left is dropped.
        pub fn resume_after<R>(scope: impl FnOnce(&Self) -> R) -> R {
            let pending = Self::default();
            let result = scope(&pending);
            if let Some(payload) = pending.0.into_inner() {
                resume_unwind(payload.into_inner().unwrap_or_else(PoisonError::into_inner));
            }
            result
        }

        pub(super) fn has_panic(&self) -> bool {
            self.0.get().is_some()
        }

        /// Keeps the first panic; of several on different threads, the others are dropped.
        fn set(&self, payload: Payload) {
            drop(self.0.set(Mutex::new(payload)));
        }
    }

    /// A call whose panic is not to reach C, which gets `value` instead.
    ///
    /// While a panic is pending, `call` is not made. `hook` gets the panic of a call in no scope.
    #[inline]
    pub fn contain<R>(
        pending: Option<&PendingPanic>,
        hook: Hook,
        value: impl FnOnce() -> R,
        call: impl FnOnce() -> R,
    ) -> R {
        if pending.is_some_and(PendingPanic::has_panic) {
            return value();
        }
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(returned) => returned,
            Err(payload) => {
                hand_over(pending, hook, payload);
                value()
            }
        }
    }

    #[cold]
    fn hand_over(pending: Option<&PendingPanic>, hook: Hook, payload: Payload) {
        no_unwinding("a panic's hook panicked, or what a panic carries did when it was dropped", || match pending {
            Some(pending) => pending.set(payload),
            None => hook(payload),
        });
    }
}

/// Without std nothing catches a panic: it ends in the program's panic handler, and C never gets a value instead.
#[cfg(not(feature = "std"))]
mod uncaught {
    use super::{Hook, abort_on_panic};

    /// No panic.
    pub struct PendingPanic(());

    impl PendingPanic {
        /// Runs `scope`.
        pub fn resume_after<R>(scope: impl FnOnce(&Self) -> R) -> R {
            scope(&Self(()))
        }

        #[allow(clippy::unused_self, reason = "with std there may be one")]
        pub(super) fn has_panic(&self) -> bool {
            false
        }
    }

    /// A call whose panic is not to reach C, and so is the program's end.
    #[inline]
    pub fn contain<R>(_: Option<&PendingPanic>, _: Hook, _: impl FnOnce() -> R, call: impl FnOnce() -> R) -> R {
        abort_on_panic(call)
    }
}

impl fmt::Debug for PendingPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PendingPanic").field(&self.has_panic()).finish()
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Uncaught {}
    impl Sealed for super::Caught {}
}

/// Where the panic of a closure waits for the end of its scope.
pub trait Panics: sealed::Sealed + Copy + fmt::Debug + 'static {
    /// Runs `scope`, then goes on with the panic that was left in it, if any.
    fn resume_after<R>(scope: impl FnOnce(Self) -> R) -> R;
    /// The same place for each of several closures.
    fn of(pending: &PendingPanic) -> Self;
    /// The place, if it is one.
    ///
    /// # Safety
    /// * The scope that the place is of lasts for at least `'call`.
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic>;
}

/// None is caught: the convention decides whether a panic unwinds or aborts.
#[derive(Debug, Clone, Copy)]
pub struct Uncaught;

/// In the frame that the closure is lent from.
#[derive(Debug, Clone, Copy)]
pub struct Caught(NonNull<PendingPanic>);

impl Panics for Uncaught {
    #[inline(always)] // nothing of a scope without panics to keep is left
    fn resume_after<R>(scope: impl FnOnce(Self) -> R) -> R {
        scope(Self)
    }
    #[inline(always)]
    fn of(_: &PendingPanic) -> Self {
        Self
    }
    #[inline(always)]
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic> {
        None
    }
}

impl Panics for Caught {
    fn resume_after<R>(scope: impl FnOnce(Self) -> R) -> R {
        PendingPanic::resume_after(|pending| scope(Self::of(pending)))
    }
    fn of(pending: &PendingPanic) -> Self {
        Self(NonNull::from(pending))
    }
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic> {
        // SAFETY: made of a reference to what lives as long as the scope, which lasts for `'call`: the condition of
        // `pending`.
        Some(unsafe { self.0.as_ref() })
    }
}

/// A call through a convention that unwinds, of a closure that is not to.
#[inline]
pub fn abort_on_panic<R>(call: impl FnOnce() -> R) -> R {
    no_unwinding("a callback that aborts on panic panicked", call)
}

#[inline]
fn no_unwinding<R>(what: &'static str, call: impl FnOnce() -> R) -> R {
    struct Die(&'static str);
    impl Drop for Die {
        fn drop(&mut self) {
            misuse::die(self.0)
        }
    }
    let die = Die(what);
    let returned = call();
    core::mem::forget(die);
    returned
}

/// The hook where none was declared: Rust's own has reported the panic before it was caught.
pub fn no_hook(payload: Payload) {
    drop(payload);
}
