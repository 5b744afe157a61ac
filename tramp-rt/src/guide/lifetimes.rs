//! How long a closure lives, and what frees it.
//!
//! C's types do not say how long C keeps a function pointer, but the manual of the C function does. In Rust you write it into the
//! declaration of the function, as the *scope* of the parameter, and the compiler checks the closure.
//!
//! | scope       | the closure may borrow | the closure is dropped …                    | the pointer is valid …        |
//! |-------------|------------------------|---------------------------------------------|-------------------------------|
//! | `call`      | anything               | when the function returns or unwinds        | until then                    |
//! | `async`     | nothing                | by its call, or never if C does not call it | for one call                  |
//! | `owned`     | nothing                | with its trampoline                         | until then                    |
//! | `notified`  | nothing                | when C destroys it                          | until then                    |
//! | `forever`   | nothing                | never                                       | for the rest of the process   |
//!
//! These words come from GObject Introspection. [`Trampoline`](crate::Trampoline) has a constructor for each: `scoped…` for
//! `call`, `once` for `async`, and the others for a trampoline that you own or [`leak`](crate::Trampoline::leak).
//!
//! # Which one
//!
//! | the manual of the C function says                            | scope                                                |
//! |--------------------------------------------------------------|------------------------------------------------------|
//! | it *calls* the function for each element of something        | `call`: write nothing                                |
//! | another function *removes*, *unregisters* or *cancels* it    | `owned`: unregister it, then drop the trampoline     |
//! | it has a parameter `destroy`, `free` or `notify` beside a `void *` | `notified`                                     |
//! | it calls when something is *completed* or *finished*         | `async`                                              |
//! | the program sets it once, in `main`                          | `forever`                                            |
//! | it returns the previous handler, which can be set again      | `owned` with `#[restore]`, or `call` with `#[restore]` while a closure runs |
//!
//! Some callbacks belong to an object of C and have no function that removes them. They end with the object. Keep the trampoline
//! in the Rust type that owns the object, in a field after it, because Rust drops fields in the order of their declaration.
//!
//! ```
//! use tramp_rt::Trampoline;
//! # type Callback = unsafe extern "C" fn();
//! # struct Handle;
//!
//! struct Connection {
//!     handle: Handle, // dropped first: closes the connection, and no call comes any more
//!     on_data: Trampoline<Callback>,
//! }
//! ```
//!
//! # A drop inside the call
//!
//! An `FnMut` may drop its own trampoline, or let C destroy its user data. The closure stays until this call returns, but C must
//! not call it again. The callbacks of a [struct](crate::Ops) may do the same, if one of them takes `&mut self`. An `Fn` may do
//! it only if its calls are [counted](crate::Trampoline::counted), because nothing records the calls of other `Fn`s. Read
//! [the rules](crate::Trampoline#dropping-while-a-call-runs) and [a recipe](crate::guide::recipes#a-listener-that-unregisters-itself).
//!
//! # What does not compile
//!
//! If C keeps a closure that borrows, the compiler reports an error at the call:
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
//! If a scope is missing or does not fit, the macro reports an error at the declaration and says what to write:
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
//! A pointer that outlives its trampoline does compile, because only C knows how long it keeps the pointer. Calling it is
//! `unsafe`. Such a call [aborts the process](crate::Trampoline#misuse) with a message, as long as the slot is free.
