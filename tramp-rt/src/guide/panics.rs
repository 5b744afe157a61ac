//! What becomes of a panic.
//!
//! A panic may not unwind into C that was not made for it. So it does not, unless that is written where the callback is
//! declared, by its convention and by `#[on_panic(…)]`: in front of the parameter, or on the type, handler or method.
//!
//! | written                                     | a panic …                                                          |
//! |---------------------------------------------|--------------------------------------------------------------------|
//! | nothing                                     | ends the process, after its message                                |
//! | `#[on_panic(return = -1)]`                  | gives C that value, and goes on in Rust when C has returned        |
//! | `#[on_panic(return = -1, hook = report)]`   | gives C that value, and `report` the panic                         |
//! | `extern "C-unwind"`                         | unwinds through C, which must have been compiled for it            |
//!
//! The second is for lent closures, the third for those that C keeps, where there may be no Rust to return to.
//!
//! ```
//! use std::ffi::{c_int, c_void};
//! use std::panic::{AssertUnwindSafe, catch_unwind};
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn qsort(
//!         base: *mut c_void,
//!         count: usize,
//!         size: usize,
//!         #[on_panic(return = 0)] compare: impl FnMut(*const c_void, *const c_void) -> c_int,
//!     );
//! }
//!
//! let mut numbers = [3.0, f64::NAN, 2.0];
//! let sort = || unsafe {
//!     qsort(numbers.as_mut_ptr().cast(), 3, 8, |a, b| {
//!         (*a.cast::<f64>()).partial_cmp(&*b.cast()).expect("no NaN") as c_int
//!     });
//! };
//! let panic = catch_unwind(AssertUnwindSafe(sort)).unwrap_err();
//! assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("no NaN"));
//! ```
//!
//! * Until C has returned, a closure that panicked is not called again: C gets the value each time. Choose one that makes
//!   it stop, if there is one.
//! * The value is a constant of the result's type. `#[on_panic(return)]` is for results of `()`.
//! * A closure that C keeps is called again after a panic. What must not be seen half done is for it to restore.
//! * With `panic = "abort"` in `Cargo.toml` every panic ends the process.
//!
//! All of it in detail: [`#[trampoline]`](macro@crate::trampoline#panics).
