//! Which constructor of `Trampoline` to use.
//!
//! Read the manual of the C function, and answer three questions. Each answer leads one step to the right.
//!
//! ```text
//! When does C call?            On which thread?        What is the closure?
//!
//! only during one call  ──┬──▶ on this thread  ──┬──▶ Fn ─────────────────▶ scoped
//! into C                  │                      ├──▶ FnMut ──────────────▶ scoped_mut
//!                         │                      └──▶ FnOnce ─────────────▶ scoped_once
//!                         │
//!                         └──▶ on other threads ─┬──▶ Fn + Send + Sync ───▶ scoped_any
//!                                                ├──▶ FnMut + Send ───────▶ scoped_any_mut
//!                                                └──▶ FnOnce + Send ──────▶ scoped_any_once
//!
//! until the pointer     ──┬──▶ on this thread  ──┬──▶ Fn ─────────────────▶ local
//! is unregistered         │                      └──▶ FnMut ──────────────▶ local_mut
//!                         │
//!                         └──▶ on any thread   ──┬──▶ Fn + Send + Sync ───▶ new
//!                                                └──▶ FnMut + Send ───────▶ new_mut
//!
//! once, later           ──┬──▶ on this thread  ─────▶ FnOnce ─────────────▶ local_once
//!                         └──▶ on any thread   ─────▶ FnOnce + Send ──────▶ once
//!
//! until the process     ─────▶ any of the constructors for “until the pointer is
//! ends                         unregistered”, and then leak
//! ```
//!
//! Some special cases:
//!
//! * **A function in bindings that calls back before it returns**: [`lend`](crate::lend) and [`lend_mut`](crate::lend_mut) do
//!   the same as `scoped` and `scoped_mut`, and take the type from that function.
//! * **Several closures at once**, such as the fields of a struct: [`scope`](crate::scope). Its methods are called as the
//!   `scoped` constructors are: `lend` for `scoped`, `lend_any_mut` for `scoped_any_mut`.
//! * **A handler with a state**: a [function](macro@crate::trampoline#handlers) has `bind`, `bind_local`, `scoped` and
//!   `scoped_any`, which correspond to these constructors.
//! * **A struct of callbacks with one state**: an [`impl`](macro@crate::trampoline#structs-of-callbacks) has `bind`, `bind_local`,
//!   `scoped` and `scoped_any`, which correspond to `new_mut`, `local_mut`, `scoped_mut` and `scoped_any_mut`.
//! * **Bindings with a safe function pointer**: any owned one, then [`as_declared`](Trampoline::as_declared).
//! * **An `Fn` that is unregistered while it runs**, by itself or by another thread: [`counted`](Trampoline::counted) and
//!   [`local_counted`](Trampoline::local_counted). An `FnMut` needs nothing special for that.
//! * **A slot that an attacker must not change**: [`protected`](Trampoline::protected).
//!
//! # If you are not sure
//!
//! * **When**: assume that C keeps the pointer, unless the manual says that the function calls it for each element of
//!   something. A `scoped` constructor for a pointer that C keeps is undefined behaviour, or an abort if you are lucky.
//! * **Thread**: assume the thread that registers the callback, and use a constructor for one thread. If C calls on another
//!   one, [the program aborts with a message](super::threads), and nothing worse happens.
//! * **`Fn` or `FnMut`**: start with the constructor for `FnMut`. If C calls the closure inside itself or on several threads
//!   at once, the program aborts with a message. Then use an `Fn`, and a `Cell`, an atomic or a `Mutex` for what changes.
//!
//! # With user data
//!
//! If C has a `void *` for the callback, write [`UserData`](crate::UserData) for it in the signature. The constructors
//! are the same, except that `counted` and `protected` do not apply. The closure then needs no slot.
//!
//! # In an `extern` block
//!
//! The macro chooses the constructor from what you write at the parameter:
//!
//! | at the parameter                                 | constructor                       |
//! |--------------------------------------------------|-----------------------------------|
//! | `impl FnMut(…)`                                  | `scoped_mut`                      |
//! | `impl Fn(…) + Send + Sync`                       | `scoped_any`                      |
//! | `#[scope(owned)] impl FnMut(…) + Send + 'static` | `new_mut`                         |
//! | `#[scope(owned)] impl FnMut(…) + 'static`        | `local_mut`                       |
//! | `#[scope(async)] impl FnOnce(…) + Send + 'static` | `once`                           |
//! | `#[scope(forever)] impl Fn(…) + Send + Sync + 'static` | `new`, then `leak`          |
//!
//! [All combinations](macro@crate::trampoline#who-calls-it) are on the page of the macro.

#[cfg(doc)]
use crate::Trampoline;
