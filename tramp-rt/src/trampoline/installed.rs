//! Handlers that replace another one, which is put back later: `signal`, `XSetErrorHandler`.

use alloc::boxed::Box;
use core::fmt;

use crate::closure::threads::{AnyThread, Threads};
use crate::signature::Signature;
use crate::trampoline::Trampoline;

/// A handler that is in place until this is dropped. Then the previous handler is put back.
///
/// [`Trampoline::install`] creates it, and so does a function of an `extern` block with
/// [`#[restore]`](macro@crate::trampoline#handlers-that-replace-another). `P` is the function pointer as C returns it.
///
/// If you install several handlers in the same place, drop the last one first. In any other order, C gets a handler back
/// that no longer exists.
#[must_use = "the handler before is put back when this is dropped"]
pub struct Installed<S, T = AnyThread, P = <S as Signature>::Pointer>
where
    S: Signature,
    T: Threads,
    P: Copy,
{
    restore: Restore<P, Box<dyn FnMut(P) -> P>>,
    trampoline: Trampoline<S, T>, // dropped after `restore`
}

impl<S: Signature, T: Threads> Trampoline<S, T> {
    /// Installs the pointer as a handler. When the result is dropped, the previous handler is put back.
    ///
    /// `set` passes a handler to C and returns the previous one, as the C function does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::ffi::c_int;
    /// # use std::sync::Mutex;
    /// use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
    /// # use tramp_rt::Trampoline;
    /// // From a `-sys` crate, for `handler set_handler(handler)`.
    /// type Handler = Option<unsafe extern "C" fn(code: c_int)>;
    /// # static HANDLER: Mutex<Handler> = Mutex::new(None);
    /// # unsafe extern "C" fn set_handler(new: Handler) -> Handler { std::mem::replace(&mut *HANDLER.lock().unwrap(), new) }
    /// # fn report(code: c_int) { if let Some(handler) = *HANDLER.lock().unwrap() { unsafe { handler(code) } } }
    ///
    /// static LAST: AtomicI32 = AtomicI32::new(0);
    /// let factor = 10;
    /// let handler = Trampoline::<Handler>::new(move |code| LAST.store(factor * code, Relaxed))?;
    /// let installed = handler.install(|handler| unsafe { set_handler(handler) });
    /// report(4);
    /// assert_eq!(LAST.load(Relaxed), 40);
    ///
    /// drop(installed); // set_handler(NULL), the previous handler
    /// report(5);
    /// assert_eq!(LAST.load(Relaxed), 40);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    pub fn install<P>(self, set: impl FnMut(P) -> P + 'static) -> Installed<S, T, P>
    where
        P: Replaced<S::Pointer>,
    {
        install(self, P::by, set)
    }
}

/// Does the same as [`Trampoline::install`]. `in_type` converts the pointer to the type that C takes and returns.
pub fn install<S: Signature, T: Threads, P: Copy>(
    trampoline: Trampoline<S, T>,
    in_type: impl FnOnce(S::Pointer) -> P,
    set: impl FnMut(P) -> P + 'static,
) -> Installed<S, T, P> {
    let restore = Restore::new(in_type(trampoline.as_fn()), Box::new(set) as Box<dyn FnMut(P) -> P>);
    Installed { restore, trampoline }
}

impl<S: Signature, T: Threads, P: Copy> Installed<S, T, P> {
    /// The value that C returned: the previous handler, or a value that stands for an error.
    pub fn previous(&self) -> P {
        self.restore.previous
    }
}

impl<S: Signature, T: Threads, P: Copy> fmt::Debug for Installed<S, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Installed").field(&self.trampoline).finish()
    }
}

/// Installs `handler` while `body` runs. Then the previous handler is put back, even if `body` panics.
///
/// `set` passes a handler to C and returns the previous one, as the C function does.
///
/// # Examples
///
/// With [`Trampoline::scoped_mut`] the handler may borrow from its caller:
///
/// ```
/// # use std::ffi::c_int;
/// # use std::sync::Mutex;
/// use tramp_rt::{Trampoline, while_installed};
/// # type Handler = Option<unsafe extern "C" fn(code: c_int)>;
/// # static HANDLER: Mutex<Handler> = Mutex::new(None);
/// # unsafe extern "C" fn set_handler(new: Handler) -> Handler { std::mem::replace(&mut *HANDLER.lock().unwrap(), new) }
/// # fn report(code: c_int) { let handler = *HANDLER.lock().unwrap(); if let Some(handler) = handler { unsafe { handler(code) } } }
///
/// let mut codes = Vec::new();
/// Trampoline::<Handler>::scoped_mut(
///     |code| codes.push(code),
///     |handler| while_installed(handler, |new| unsafe { set_handler(new) }, || report(1)),
/// )?;
/// report(2);
/// assert_eq!(codes, [1]);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
pub fn while_installed<P: Copy, R>(handler: P, set: impl FnMut(P) -> P, body: impl FnOnce() -> R) -> R {
    let _restore = Restore::new(handler, set);
    body()
}

/// The types that C may have for a handler `P`: `P` itself, or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of the handler that is put back",
    label = "C takes and returns a `{P}`",
    note = "write it as it is, or as an `Option` of it where C may return NULL"
)]
pub trait Replaced<P>: Copy {
    /// The handler in that type.
    fn by(handler: P) -> Self;
}

/// `Replaced::by` as a function, for expansions that name both types.
pub fn replaced<P, R: Replaced<P>>(handler: P) -> R {
    R::by(handler)
}

impl<P: Copy> Replaced<P> for P {
    fn by(handler: P) -> Self {
        handler
    }
}

impl<P: Copy> Replaced<P> for Option<P> {
    fn by(handler: P) -> Self {
        Some(handler)
    }
}

struct Restore<P: Copy, F: FnMut(P) -> P> {
    previous: P,
    set: F,
}

impl<P: Copy, F: FnMut(P) -> P> Restore<P, F> {
    fn new(handler: P, mut set: F) -> Self {
        Self { previous: set(handler), set }
    }
}

impl<P: Copy, F: FnMut(P) -> P> Drop for Restore<P, F> {
    fn drop(&mut self) {
        (self.set)(self.previous);
    }
}
