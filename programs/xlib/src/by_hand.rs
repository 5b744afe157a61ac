//! `trapped` without tramp: where the errors go lies in a static.

use std::ffi::c_int;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use x11::xlib::{self, Display, XErrorEvent};

use crate::{Handler, XError};

// plumbing {
/// Where the handler in place puts errors.
static ERRORS: AtomicPtr<Vec<XError>> = AtomicPtr::new(std::ptr::null_mut());

unsafe extern "C" fn gather(_: *mut Display, event: *mut XErrorEvent) -> c_int {
    // An error that unwinds into C would be undefined, and pushing may panic.
    let result = std::panic::catch_unwind(|| {
        // SAFETY: a trap puts its own here, for as long as this is in place.
        let errors = unsafe { &mut *ERRORS.load(Relaxed) };
        // SAFETY: Xlib passes an event that is valid for the call.
        errors.push(unsafe { XError::of(event) });
    });
    if result.is_err() {
        std::process::abort();
    }
    0
}

/// Puts back also if what is between panics.
struct Restore {
    display: *mut Display,
    handler: Handler,
    errors: *mut Vec<XError>,
}

impl Restore {
    /// # Safety
    ///
    /// As `trapped`; and the errors live as long as this.
    unsafe fn set(display: *mut Display, errors: *mut Vec<XError>) -> Self {
        // SAFETY: the display is valid, and no other thread uses Xlib: the conditions of `set`.
        let handler = unsafe {
            xlib::XSync(display, xlib::False);
            xlib::XSetErrorHandler(Some(gather))
        };
        Self { display, handler, errors: ERRORS.swap(errors, Relaxed) }
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        // SAFETY: the display is valid, and no other thread uses Xlib: the conditions of `set`. What was in place is valid.
        unsafe {
            xlib::XSync(self.display, xlib::False);
            xlib::XSetErrorHandler(self.handler);
        }
        ERRORS.store(self.errors, Relaxed);
    }
}
// }

/// # Safety
///
/// As the one of `main.rs`.
pub(crate) unsafe fn trapped<R>(display: *mut Display, body: impl FnOnce() -> R) -> (R, Vec<XError>) {
    let mut errors = Vec::new();
    // plumbing {
    // SAFETY: the display is valid, no other thread uses Xlib, and the errors live until `restore` is dropped below.
    let restore = unsafe { Restore::set(display, &raw mut errors) };
    let result = body();
    drop(restore);
    // }
    (result, errors)
}
