//! Callbacks that C leaves by `longjmp`.
//!
//! Lua, libjpeg, libpng, R and PostgreSQL report errors by `longjmp`. A function that the callback calls does not return, and C
//! goes on where it called `setjmp`. The frames in between are gone, and nothing in them is dropped.
//!
//! # What a jump may cross
//!
//! On Unix, a jump may cross frames that have nothing to drop. Rust leaves undefined what a jump over a destructor does. In
//! practice Unix skips the destructor, and the last column says what follows from that. On Windows a jump unwinds, so it must not
//! leave a callback at all.
//!
//! | the closure                                                                       | its call's frame holds   | after the jump |
//! |-----------------------------------------------------------------------------------|--------------------------|----------------|
//! | an `Fn`, owned, lent, leaked or behind user data; a handler or struct of callbacks where all take `&` | nothing | as if the call had returned |
//! | an `FnMut`, or a handler that takes `&mut`                                        | the mark that it runs    | it never seems to end: the next call aborts and names `longjmp` |
//! | a struct of callbacks, one of which takes `&mut self`                             | the count of running calls | the same, for calls beside the one that C left |
//! | a [counted](crate::Trampoline::counted) `Fn`                                      | the count                | C may call it again; its drop leaks it   |
//! | an `FnOnce`                                                                       | the closure              | what it captures is leaked; the slot is free, or its scope frees it |
//! | any, under `#[on_panic(return = …)]`                                              | what catches panics      | not allowed |
//!
//! So let C leave only an `Fn`. Put what changes into a `Cell`, which costs nothing and is intact after a jump. A `RefCell` stays
//! borrowed, and a `Mutex` stays locked.
//!
//! ```no_run
//! use std::cell::Cell;
//! use std::ffi::c_int;
//! use tramp_rt::trampoline;
//! # #[allow(non_camel_case_types)]
//! # enum lua_State {}
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     // a lua_CFunction, which lua_error may leave
//!     fn lua_pushcclosure(
//!         lua: *mut lua_State,
//!         #[scope(forever)] function: impl Fn(*mut lua_State) -> c_int + 'static,
//!         values: c_int,
//!     );
//!     fn lua_gettop(lua: *mut lua_State) -> c_int;
//!     fn lua_error(lua: *mut lua_State) -> !;
//! }
//!
//! fn register(lua: *mut lua_State) {
//!     let calls = Cell::new(0);
//!     // SAFETY: when `lua_error` jumps, no frame of the closure has anything to drop.
//!     unsafe {
//!         lua_pushcclosure(lua, move |lua| {
//!             calls.set(calls.get() + 1);
//!             if lua_gettop(lua) == 0 { lua_error(lua) }
//!             calls.get()
//!         }, 0);
//!     }
//! }
//! ```
//!
//! At a call that may jump, the frames of the closure itself must have nothing to drop either: no `String`, no `Vec`, no guard,
//! in any function in between. Let an inner function do the work and return a `Result` of a `Copy` type. Jump after it has
//! returned.
//!
//! # Never past a loan
//!
//! [`scoped`](crate::Trampoline::scoped) and the functions of an `extern` block lend closures to C, and end the loan in a
//! destructor of their frame. A jump past this frame loses the slot, and leaves C with a pointer to a closure in a frame that
//! is gone. So C must call `setjmp` inside: in the function that gets the closure, or in one that `body` calls.
//!
//! # After the jump
//!
//! If C left an `FnMut` or a counted `Fn`, you may drop its owner. The drop takes effect when [the call
//! returns](crate::Trampoline#dropping-while-a-call-runs), which never happens, so the closure and the slot leak.
//! [`drop_abandoned`](crate::Trampoline::drop_abandoned) drops them immediately.
//!
//! If C left a callback of a struct of callbacks, the owner of the struct can end these calls by
//! [`Ops::end_abandoned`](crate::Ops::end_abandoned). Then C may call the callbacks again. The scope of a lent closure ends it.
//! A closure that C destroys by its user data leaks if C left it.
