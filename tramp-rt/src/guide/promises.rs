//! What `unsafe` code promises, form by form, and what safe code cannot do.
//!
//! The compiler checks what a closure captures. This crate checks at run time that the right thread calls the closure, and
//! that calls of an `FnMut` or `FnOnce` do not overlap or repeat. Nobody can check what C does: how long it keeps a pointer, and
//! which arguments it passes. So somebody must promise it. For each form, the table names the `unsafe` whose author
//! makes the promise.
//!
//! # The forms of `#[trampoline]`
//!
//! | form                                       | the promise is made by                | the promise                                            |
//! |--------------------------------------------|---------------------------------------|--------------------------------------------------------|
//! | `unsafe extern "C" { … }`                  | the author of the block               | The declarations match C's: names, types, convention. C passes a callback valid values of the declared types: a `&T` is never NULL. |
//! | `fn` in the block                          | the caller                            | The caller does what the C function requires. C calls each closure for no longer than its scope says, and only from threads that its bounds allow. |
//! | `safe fn` in the block                     | the author of `safe`                  | The same holds for every call, whatever the arguments. |
//! | a parameter without a scope                | the same                              | No call comes after the function has returned.         |
//! | `#[scope(async)]`                          | the same                              | At most one call comes.                                |
//! | `#[scope(owned)]`, never in a `safe fn`    | the caller                            | The trampoline lives until C no longer uses the pointer. |
//! | `#[scope(notified)]`                       | the same                              | C calls the destroy function at most once, and does not use the closure afterwards. |
//! | `#[scope(forever)]`                        | nobody                                | The closure stays.                                     |
//! | `#[restore]`, never in a `safe fn`         | the caller                            | If several handlers are installed in one place, on whatever threads, the last one installed is dropped first. A handler that the function returned is valid when the function gets it back. |
//! | `UserData`                                 | the same as for the closure           | C passes the user data that it got with a closure only to the function of this closure. |
//! | `type Name = unsafe extern "C" fn(…);`     | the caller of its pointers            | The same as for any [`Trampoline`]'s pointer, below.   |
//! | the same without `unsafe`, [leaked][leak]  | nobody                                | The closure stays, and is safe code. With `UserData` a type must be `unsafe`. |
//! | `extern "C" fn handler(state: …, …)`       | the caller of its pointers            | The same as for a `type`. The body is safe code.       |
//! | `unsafe extern "C" fn handler(…)`          | the caller of its pointers            | In addition, whatever the handler's own documentation requires. |
//! | `impl State { extern "C" fn … }`           | the caller of the pointers in the struct | The same as for a handler, while the [`Ops`] lives, or until the body of `scoped` returns. |
//! | `#[on_panic(…)]`                           | nobody                                | Under `C-unwind` the C functions in between must allow unwinding. The author of the block or the caller of the pointer promises that with the convention. |
//!
//! # Items that are used by hand
//!
//! | item                                             | its user promises                                                          |
//! |--------------------------------------------------|----------------------------------------------------------------------------|
//! | a pointer of [`as_fn`](Trampoline::as_fn), [`once`](Trampoline::once), [`scoped`](Trampoline::scoped) … | The [rules of `Trampoline`](Trampoline#misuse) hold, and the arguments are valid for their types. |
//! | a pointer of [`Scope`], [`lend`] or [`lend_mut`] | The same, and C calls it only until the body of the scope or of the loan returns. |
//! | [`Trampoline::as_declared`]                      | Nobody calls the pointer after the drop, although it may be safe to call.  |
//! | [`Trampoline::install`], [`while_installed`]     | These functions are safe. The `unsafe` is in the closure `set`: it passes its argument to C as the handler, and returns the previous one. If there are several, the last one installed is dropped first. |
//! | [`Trampoline::drop_abandoned`]                   | No call of the closure runs: each call has returned, or [C left it](crate::guide::jumps). |
//! | [`Ops::end_abandoned`]                           | The same holds for all callbacks of the struct.                            |
//! | a callback that takes `self`                     | C calls nothing of the struct afterwards. After [`Ops::give`] C reads the struct no more, either. |
//! | the struct behind [`Ops::as_ptr`]                | It is used while the `Ops` lives. Only the threads of the `Ops`'s second parameter call its callbacks. Its fields are overwritten only by valid values. |
//! | `unsafe impl` [`Signature`]                      | Nobody writes this by hand, except the macro and this crate.               |
//!
//! Every pointer is `unsafe` to call, except those that [`leak`][leak] returns. So you may give a pointer away freely. Its
//! caller makes the promise.
//!
//! # What safe code cannot do
//!
//! Each of these examples would lead from safe code to undefined behaviour. None compiles.
//!
//! Using a trampoline of one signature as one of another, by subtyping:
//!
//! ```compile_fail
//! # use tramp_rt::{Trampoline, trampoline};
//! #[trampoline]
//! extern "C" fn get<T: Copy>(state: &T) -> T { *state }
//!
//! fn stored_as<'a>(get: Trampoline<get<fn(&'static str)>>) -> Trampoline<get<fn(&'a str)>> {
//!     get
//! }
//! ```
//!
//! Declaring a safe function that follows user data:
//!
//! ```compile_fail
//! # use tramp_rt::{UserData, trampoline};
//! #[trampoline]
//! type Visit = extern "C" fn(data: UserData, n: i32) -> i32; // write `unsafe extern "C" fn`
//! ```
//!
//! Declaring a safe C function in a block that is not `unsafe`, and in edition 2024 writing any such block:
//!
//! ```edition2021,compile_fail
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! extern "C" {
//!     safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
//! }
//! ```
//! ```compile_fail
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! extern "C" {
//!     fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
//! }
//! ```
//!
//! Declaring a safe C function whose callers decide when the closure is dropped, or which handler is put back:
//!
//! ```compile_fail
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! unsafe extern "C" {
//!     safe fn listen(#[scope(owned)] listener: impl Fn(i32) + Send + Sync + 'static);
//! }
//! ```
//! ```compile_fail
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! unsafe extern "C" {
//!     #[restore]
//!     safe fn set_handler(handler: impl FnMut(i32)) -> Option<unsafe extern "C" fn(i32)>;
//! }
//! ```
//!
//! Giving a type or a state a name of the macro's own:
//!
//! ```compile_fail
//! # use tramp_rt::trampoline;
//! #[repr(C)]
//! struct __TrampF(u64);
//!
//! #[trampoline]
//! type Take = unsafe extern "C" fn(__TrampF);
//! ```
//! ```compile_fail
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! extern "C" fn on_event(__tramp_arg0: &mut i32, code: i32) { *__tramp_arg0 = code; }
//! ```
//!
//! Calling a pointer without `unsafe`, also through a field of a C struct:
//!
//! ```compile_fail,E0133
//! # use tramp_rt::Trampoline;
//! let answer = Trampoline::<extern "C" fn() -> i32>::new(|| 42).unwrap();
//! let _ = (answer.as_fn())();
//! ```
//! ```compile_fail,E0277
//! # use tramp_rt::trampoline;
//! #[repr(C)]
//! struct Table { get: extern "C" fn() -> i32 }
//! struct State(i32);
//!
//! #[trampoline(ops = Table)]
//! impl State {
//!     extern "C" fn get(&self) -> i32 { self.0 }
//! }
//! ```
//!
//! Letting other threads call a closure that is not `Send`: by a constructor, by a handler's state, or by a trait of your
//! own that is called `Send`:
//!
//! ```compile_fail,E0277
//! # use std::{cell::Cell, rc::Rc};
//! # use tramp_rt::Trampoline;
//! let count = Rc::new(Cell::new(0));
//! let _ = Trampoline::<unsafe extern "C" fn()>::new_mut(move || count.set(1));
//! ```
//! ```compile_fail,E0277
//! # use std::{cell::Cell, rc::Rc};
//! # use tramp_rt::trampoline;
//! #[trampoline]
//! extern "C" fn count(state: &mut Rc<Cell<i32>>) { state.set(1); }
//!
//! let _ = count::bind(Rc::new(Cell::new(0)));
//! ```
//! ```compile_fail,E0277
//! # use std::{cell::Cell, rc::Rc};
//! # use tramp_rt::trampoline;
//! trait Send {}
//! impl<T> Send for T {}
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn each(run: Option<impl FnMut(i32) + Send>);
//! }
//! ```
//!
//! Moving a trampoline for one thread to another, and letting C keep a closure longer than what it borrows:
//!
//! ```compile_fail,E0277
//! # use tramp_rt::Trampoline;
//! let local = Trampoline::<unsafe extern "C" fn()>::local(|| ()).unwrap();
//! std::thread::spawn(move || drop(local));
//! ```
//! ```compile_fail,E0597
//! # use tramp_rt::Trampoline;
//! let mut count = 0;
//! let kept = Trampoline::<unsafe extern "C" fn()>::local_mut(|| count += 1).unwrap();
//! ```
//!
//! Taking a closure of a scope, or the scope itself, out of it:
//!
//! ```compile_fail
//! # use tramp_rt::Scope;
//! let _: &Scope<'_, '_> = tramp_rt::scope(|s| s);
//! ```
//! ```compile_fail,E0373
//! tramp_rt::scope(|s| {
//!     let local = 1;
//!     _ = s.lend::<unsafe extern "C" fn() -> i32, _>(|| local + 1);
//! });
//! ```
//!
//! Lending to a function whose callback is safe to call, because it could keep the pointer and call it later:
//!
//! ```compile_fail,E0271
//! fn call(callback: extern "C" fn() -> i32) -> i32 { callback() }
//! let number = 1;
//! _ = tramp_rt::lend(|callback| call(callback), || number);
//! ```
//!
//! [`Ops`]: crate::Ops
//! [`Ops::as_ptr`]: crate::Ops::as_ptr
//! [`Ops::end_abandoned`]: crate::Ops::end_abandoned
//! [`Ops::give`]: crate::Ops::give
//! [`Scope`]: crate::Scope
//! [`Signature`]: crate::Signature
//! [`Trampoline`]: crate::Trampoline
//! [`Trampoline::as_declared`]: crate::Trampoline::as_declared
//! [`Trampoline::drop_abandoned`]: crate::Trampoline::drop_abandoned
//! [`Trampoline::install`]: crate::Trampoline::install
//! [`lend`]: crate::lend
//! [`lend_mut`]: crate::lend_mut
//! [`while_installed`]: crate::while_installed()
//! [leak]: crate::Trampoline::leak

#[cfg(doc)]
use crate::Trampoline;
