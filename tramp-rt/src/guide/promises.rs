//! What `unsafe` code promises, form by form, and what code without it cannot say.
//!
//! A closure runs under Rust's own rules: what it captures is checked by the compiler, and this crate checks at run time that
//! the right thread calls it, once at a time or once at all. What is left is C's: how long it keeps a pointer, with what it
//! calls it. Nobody can check that, so somebody promises it. Each promise has one owner: who writes the `unsafe` that the
//! table names.
//!
//! # The forms of `#[trampoline]`
//!
//! | form                                       | who promises                          | what                                                   |
//! |--------------------------------------------|---------------------------------------|--------------------------------------------------------|
//! | `unsafe extern "C" { … }`                  | who writes the block                  | The declarations are C's: names, types, convention. A callback's arguments are valid values of the types declared: a `&T` is never NULL. |
//! | `fn` in it                                 | who calls the function                | All that the C function asks for. C calls each closure for no longer than its scope says, and from no other thread than its bounds say. |
//! | `safe fn` in it                            | who writes `safe`                     | The same of every call, whatever the arguments.        |
//! | a parameter without a scope                | as above                              | No call comes after the function has returned.         |
//! | `#[scope(async)]`                          | as above                              | One call comes at most.                                |
//! | `#[scope(owned)]`: never in a `safe fn`    | who calls the function                | The trampoline lives until C has let go of the pointer. |
//! | `#[scope(notified)]`                       | as above                              | C calls the destroy function once at most, and nothing of the closure's afterwards. |
//! | `#[scope(forever)]`                        | nobody                                | The closure stays.                                     |
//! | `#[restore]`: never in a `safe fn`         | who calls the function                | Of several handlers in one place, on whatever threads, the last to come is the first to go. What the function returned is valid when it gets it again. |
//! | `UserData`                                 | as for the closure                    | C passes on what it was given with the closure, to that closure's function alone. |
//! | `type Name = unsafe extern "C" fn(…);`     | who calls its pointers                | As of any [`Trampoline`]'s pointer, below.             |
//! | the same without `unsafe`, [leaked][leak]  | nobody                                | The closure stays, and it is safe code. With `UserData` a type is `unsafe`. |
//! | `extern "C" fn handler(state: …, …)`       | who calls its pointers                | As of a `type`. The body is safe code.                 |
//! | `unsafe extern "C" fn handler(…)`          | who calls its pointers                | Besides, what the handler's own documentation asks for. |
//! | `impl State { extern "C" fn … }`           | who calls the pointers in the struct  | As of a handler, while the [`Ops`] lives.              |
//! | `#[on_panic(…)]`                           | nobody                                | Under `C-unwind` the C functions in between have to allow it: that is promised with the convention, in the block or at the pointer. |
//!
//! # What is called by hand
//!
//! | item                                             | who uses it promises                                                       |
//! |--------------------------------------------------|----------------------------------------------------------------------------|
//! | a pointer of [`as_fn`](Trampoline::as_fn), [`once`](Trampoline::once), [`scoped`](Trampoline::scoped) … | The [rules of `Trampoline`](Trampoline#misuse); arguments that are valid for their types. |
//! | [`Trampoline::install`], [`while_installed`]     | They are safe. The `unsafe` is in the closure `set`, which gives C the handler that it is given, and returns the one before; and of several the last to come is the first to go. |
//! | [`Trampoline::drop_abandoned`]                   | No call of the closure runs: those that began have returned or [were left](crate::guide::jumps). |
//! | [`Ops::end_abandoned`]                           | The same of all entries of the struct.                                     |
//! | what [`Ops::as_ptr`] leads to                    | It is used while the `Ops` lives. Callbacks are called from the threads of its second parameter; what is written are values of the struct's type. |
//! | `unsafe impl` [`Signature`]                      | Nobody does: the macro and this crate write them.                          |
//!
//! Pointers are `unsafe` to call everywhere but in what [`leak`][leak] returns. So a pointer may be given away freely; who
//! calls it answers for it.
//!
//! # What safe code cannot say
//!
//! Each of these was a way from safe code to undefined behaviour, or would be one. None compiles.
//!
//! A trampoline of one signature as one of another, by subtyping:
//!
//! ```compile_fail
//! # use tramp_rt::{Trampoline, trampoline};
//! #[trampoline]
//! extern "C" fn get<T: Copy>(state: &T) -> T { *state }
//!
//! fn stored_as<'a>(get: Trampoline<get<fn(&'static str)>>) -> Trampoline<get<fn(&'a str)>> { get }
//! ```
//!
//! A safe function that follows user data:
//!
//! ```compile_fail
//! # use tramp_rt::{UserData, trampoline};
//! #[trampoline]
//! type Visit = extern "C" fn(data: UserData, n: i32) -> i32; // write `unsafe extern "C" fn`
//! ```
//!
//! A safe C function in a block for which nobody has answered, and in edition 2024 any block without `unsafe`:
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
//! A safe C function whose callers decide when the closure is gone, or which handler is put back:
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
//! A type or a state that takes the place of something of the macro's, by its name:
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
//! A call that nobody answers for, also through a field of C's struct:
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
//! A closure that other threads call and that is not for them: by the bounds of a constructor, of a handler's state, and
//! where a trait of the user's is called `Send`:
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
//! A trampoline of one thread in another, and a closure that C keeps longer than what it borrows:
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
//! [`Ops`]: crate::Ops
//! [`Ops::as_ptr`]: crate::Ops::as_ptr
//! [`Ops::end_abandoned`]: crate::Ops::end_abandoned
//! [`Signature`]: crate::Signature
//! [`Trampoline`]: crate::Trampoline
//! [`Trampoline::drop_abandoned`]: crate::Trampoline::drop_abandoned
//! [`Trampoline::install`]: crate::Trampoline::install
//! [`while_installed`]: crate::while_installed()
//! [leak]: crate::Trampoline::leak

#[cfg(doc)]
use crate::Trampoline;
