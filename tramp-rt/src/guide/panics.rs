//! What happens when a closure panics.
//!
//! A panic must not unwind into C code that was not compiled for it. So a panic in a closure aborts the process, unless the
//! declaration of the callback says otherwise. It does so by its calling convention, or by `#[on_panic(…)]` in front of the
//! parameter or on the type, handler or method.
//!
//! | you write                                   | a panic …                                                          |
//! |---------------------------------------------|--------------------------------------------------------------------|
//! | nothing                                     | prints its message and aborts the process                          |
//! | `#[on_panic(return = -1)]`                  | gives C this value, and goes on in Rust when C has returned        |
//! | `#[on_panic(return = -1, hook = report)]`   | gives C this value, and is passed to `report`                      |
//! | `extern "C-unwind"`                         | unwinds through C, which must be compiled for it                   |
//!
//! Use the second for lent closures. Use the third for closures that C keeps, because C may never return to Rust.
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
//! * A lent closure that panicked does not run again until C has returned: C gets the value each time. If C has a value that
//!   makes it stop, choose that one.
//! * The value is a constant of the result's type. For a result of `()`, write `#[on_panic(return)]`.
//! * A closure that C keeps runs again after a panic. It must restore whatever it leaves half done.
//! * With `panic = "abort"` in `Cargo.toml` every panic aborts the process.
//!
//! The page of [`#[trampoline]`](macro@crate::trampoline#panics) has all details.
