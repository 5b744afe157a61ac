//! From nothing to a running program, in three steps.
//!
//! # A program
//!
//! You need Rust 1.85 or later, with the linker that every Rust program needs. You need no C compiler.
//!
//! ```sh
//! cargo new callbacks
//! cd callbacks
//! cargo add tramp-rt
//! ```
//!
//! The crate is `tramp-rt`; `tramp` is another one. Replace `src/main.rs` by this:
//!
//! ```
//! use std::ffi::{c_int, c_void};
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn qsort(
//!         base: *mut c_void,
//!         count: usize,
//!         size: usize,
//!         compare: impl FnMut(*const c_void, *const c_void) -> c_int,
//!     );
//! }
//!
//! fn main() {
//!     let mut words = ["banana", "fig", "apple"];
//!     let mut comparisons = 0;
//!     // SAFETY: three elements of that size; `qsort` passes pointers to two of them.
//!     unsafe {
//!         qsort(words.as_mut_ptr().cast(), words.len(), size_of::<&str>(), |a, b| {
//!             comparisons += 1;
//!             let (a, b) = (*a.cast::<&str>(), *b.cast::<&str>());
//!             a.len().cmp(&b.len()) as c_int
//!         });
//!     }
//!     println!("{words:?} after {comparisons} comparisons");
//! #   assert_eq!(words, ["fig", "apple", "banana"]);
//! }
//! ```
//!
//! `cargo run` prints the words by length, and how often C called the closure. The number depends on the C library:
//!
//! ```text
//! ["fig", "apple", "banana"] after 3 comparisons
//! ```
//!
//! The declaration is that of C, except that it has `impl FnMut(…)` where C takes the function pointer. The closure lives
//! in the frame of `main`, and may borrow from it, because `qsort` calls it only until it returns.
//!
//! # A function that another crate declares
//!
//! Functions in `-sys` crates and in bindings by bindgen take a function pointer. [`Trampoline`](crate::Trampoline) makes one of
//! the type that they have. Try it with the `libc` crate, after `cargo add libc`:
//!
//! ```ignore-windows
//! use std::ffi::{c_int, c_void};
//! use tramp_rt::Trampoline;
//!
//! // The type of the parameter in the `libc` crate.
//! type Compare = Option<unsafe extern "C" fn(*const c_void, *const c_void) -> c_int>;
//!
//! fn main() -> Result<(), tramp_rt::Error> {
//!     let mut numbers = [3, 1, 2];
//!     let descending = true;
//!     let order = |a: *const c_void, b: *const c_void| {
//!         // SAFETY: `qsort` passes pointers to two of the numbers.
//!         let (a, b) = unsafe { (*a.cast::<i32>(), *b.cast::<i32>()) };
//!         (if descending { b.cmp(&a) } else { a.cmp(&b) }) as c_int
//!     };
//!     // SAFETY: three numbers of four bytes.
//!     Trampoline::<Compare>::scoped(order, |order| unsafe {
//!         libc::qsort(numbers.as_mut_ptr().cast(), numbers.len(), 4, order);
//!     })?;
//!     println!("{numbers:?}");
//! #   assert_eq!(numbers, [3, 2, 1]);
//!     Ok(())
//! }
//! ```
//!
//! # A callback that C keeps
//!
//! `qsort` forgets the pointer when it returns. Most other functions keep it: an event handler, a log handler, `atexit`. Then
//! the declaration says for how long, and the compiler requires a closure that owns what it uses:
//!
//! ```
//! use std::ffi::c_int;
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> c_int;
//! }
//!
//! fn main() {
//!     let name = String::from("world");
//!     atexit(move || println!("goodbye, {name}"));
//!     println!("hello");
//! }
//! ```
//!
//! `async` means that C calls the closure once, later. [How long a closure lives](super::lifetimes) explains the other words.
//!
//! # Where to go from here
//!
//! * [The guide's first page](super) has a row for each kind of C declaration.
//! * [Which constructor](super::which_constructor) asks the questions that decide between `scoped`, `new_mut`, `once` and others.
//! * [Recipes](super::recipes) are complete examples of sorting, events, logs, signals, threads and ops tables.
//! * [The FAQ](super::faq) has the compiler's error messages, each with the remedy.
