//! What happens to a panic in a closure if its signature has a value that C gets instead.
//!
//! ```text
//!   closure panics ──▶ contain ──┬── in a scope      PendingPanic, in the frame of the scope ──▶ resumed after C returned
//!                        │       └── otherwise       the declared hook
//!                        ▼
//!                    the value, returned to C
//! ```
//!
//! The signature's type says whether it does this: [`Panics`] is an address for the panic, or nothing. So a signature
//! that aborts or unwinds has no code for this, and its callees have no word for it.

use core::any::Any;
use core::fmt;
use core::ptr::NonNull;

use alloc::boxed::Box;

use crate::misuse;

/// The payload of a panic, as `std::panic::catch_unwind` returns it.
type Payload = Box<dyn Any + Send>;

/// A function that gets each panic that no scope resumes.
pub type Hook = fn(Payload);

#[cfg(feature = "std")]
pub use caught::{PendingPanic, contain};
#[cfg(not(feature = "std"))]
pub use uncaught::{PendingPanic, contain};

/// With std, panics are caught.
#[cfg(feature = "std")]
mod caught {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::{Mutex, OnceLock, PoisonError};

    use super::{Hook, Payload, no_unwinding};
    use crate::misuse;

    /// The first panic in the closures of a scope. It waits here until C has returned.
    #[derive(Default)]
    pub struct PendingPanic(OnceLock<Mutex<Payload>>);

    impl PendingPanic {
        /// Runs `scope`, and then resumes the panic that waits, if one does.
        ///
        /// If `scope` itself unwinds, this continues to unwind and drops the panic that waits.
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

        /// Keeps the first panic. If closures panic on several threads, the other panics are dropped.
        fn set(&self, payload: Payload) {
            drop(self.0.set(Mutex::new(payload)));
        }
    }

    /// Makes a call. If it panics, the panic does not reach C, and C gets `value` instead.
    ///
    /// If a panic is already waiting, `call` is not made. Outside a scope, `hook` gets the panic.
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
        no_unwinding(misuse::panicked_in_hook, || match pending {
            Some(pending) => pending.set(payload),
            None => hook(payload),
        });
    }
}

/// Without std, nothing catches a panic. It ends in the program's panic handler, and C gets no value.
#[cfg(not(feature = "std"))]
mod uncaught {
    use super::{Hook, abort_on_panic};

    /// Nothing: no panic ever waits.
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

    /// Makes a call. A panic must not reach C, so it ends the program.
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

/// The place where a closure's panic waits for the end of its scope, if there is such a place.
pub trait Panics: sealed::Sealed + Copy + fmt::Debug + 'static {
    /// Runs `scope`, and then resumes the panic that waits, if one does.
    fn resume_after<R>(scope: impl FnOnce(Self) -> R) -> R;
    /// The same place, for each of several closures.
    fn of(pending: &PendingPanic) -> Self;
    /// The place, if there is one.
    ///
    /// # Safety
    /// * The scope to which the place belongs lasts for at least `'call`.
    unsafe fn pending<'call>(self) -> Option<&'call PendingPanic>;
}

/// No panic is caught. The convention decides whether a panic unwinds or aborts.
#[derive(Debug, Clone, Copy)]
pub struct Uncaught;

/// A place in the frame from which the closure is lent.
#[derive(Debug, Clone, Copy)]
pub struct Caught(NonNull<PendingPanic>);

impl Panics for Uncaught {
    #[inline(always)] // leaves no code for a scope that keeps no panic
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
        // SAFETY: `of` made the pointer from a reference to the scope's place. The scope lasts for `'call`: the
        // condition of `pending`.
        Some(unsafe { self.0.as_ref() })
    }
}

/// Makes a call through a convention that unwinds, of a closure that must not unwind.
#[inline]
pub fn abort_on_panic<R>(call: impl FnOnce() -> R) -> R {
    no_unwinding(misuse::panicked_although_it_aborts, call)
}

#[inline]
fn no_unwinding<R>(die: fn() -> !, call: impl FnOnce() -> R) -> R {
    struct Die(fn() -> !);
    impl Drop for Die {
        fn drop(&mut self) {
            (self.0)()
        }
    }
    let die = Die(die);
    let returned = call();
    core::mem::forget(die);
    returned
}

/// The hook if none was declared. Rust's own hook has reported the panic before it was caught.
pub fn no_hook(payload: Payload) {
    drop(payload);
}
