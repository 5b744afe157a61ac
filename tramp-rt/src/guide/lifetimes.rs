//! How long a closure lives, and who frees it.
//!
//! No type of C says how long it keeps a function pointer; its manual does. In Rust it is said where the function is
//! declared, and the compiler holds the closure to it.
//!
//! | scope       | the closure may borrow | it is dropped …                             | its pointer is valid …        |
//! |-------------|------------------------|---------------------------------------------|-------------------------------|
//! | `call`      | anything               | when the function returns or unwinds        | until then                    |
//! | `async`     | nothing                | by its call; if there is none, never        | for one call                  |
//! | `owned`     | nothing                | with its trampoline                         | until then                    |
//! | `notified`  | nothing                | when C destroys it                          | until then                    |
//! | `forever`   | nothing                | never                                       | for the rest of the process   |
//!
//! The words are those of GObject Introspection. [`Trampoline`](crate::Trampoline) has the same as constructors: `scoped…` for
//! the first, `once` for the second, the others for a trampoline to own or to [`leak`](crate::Trampoline::leak).
//!
//! # Which one
//!
//! * The manual says that the function *calls* something for each of its elements: `call`, which is what a parameter has
//!   that says nothing.
//! * There is a function to *remove*, *unregister* or *cancel*: `owned`. Remove it, then drop the trampoline.
//! * There is a parameter `destroy`, `free` or `notify` beside a `void *`: `notified`.
//! * It is *completed*, *finished*, or called at the end: `async`.
//! * It is set once, in `main`: `forever`.
//! * It can be *replaced*, and comes back: `owned` with `#[restore]`, or `call` for as long as a closure runs.
//!
//! What is set in an object of C's and never removed goes when the object goes: keep the trampoline in the Rust type that
//! owns the object, behind it, for fields are dropped in order.
//!
//! ```
//! use tramp_rt::Trampoline;
//! # type Callback = unsafe extern "C" fn();
//! # struct Handle;
//!
//! struct Connection {
//!     handle: Handle, // dropped first: closes, and C calls no more
//!     on_data: Trampoline<Callback>,
//! }
//! ```
//!
//! # A drop inside the call
//!
//! An `FnMut` may drop its own trampoline, or have C destroy its user data. The closure stays until that call returns; C may
//! not call it any more. So may an entry of a [struct of callbacks](crate::Ops), if one of them takes `&mut self`. An `Fn` may
//! only if its calls are [counted](crate::Trampoline::counted): of others nothing says that they run. [The rules](crate::Trampoline#dropping-while-a-call-runs)
//! and [a recipe](crate::guide::recipes#a-listener-that-unregisters-itself).
//!
//! # What does not compile
//!
//! A closure that borrows where C keeps it, at the call:
//!
//! ```compile_fail,E0373
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
//! }
//!
//! let name = String::from("x");
//! atexit(|| println!("{name}")); // `move` gives it the name
//! ```
//!
//! A scope that is missing or does not fit, at the declaration: the message says what to write.
//!
//! ```compile_fail
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! unsafe extern "C" {
//!     fn atexit(run: impl FnOnce() + Send + 'static) -> i32;
//! }
//! ```
//! ```text
//! error: C keeps this closure until it calls it: write `#[scope(async)]` in front of
//!        the parameter; or remove `'static`, to lend the closure until the function returns
//! ```
//!
//! A pointer that outlives its trampoline does compile, for it is C's: calling it is `unsafe`, and such a call [ends the
//! process](crate::Trampoline#misuse), with a message, while the slot is free.
