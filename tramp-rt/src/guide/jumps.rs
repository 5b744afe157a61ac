//! Callbacks that C leaves by `longjmp`.
//!
//! Lua's errors jump, and those of libjpeg, libpng, R and PostgreSQL do: a function that the callback has called does not
//! return, and C goes on where it called `setjmp`. The frames in between are gone, and nothing in them was dropped.
//!
//! # What a jump may cross
//!
//! Frames that have nothing to drop, on Unix. What Rust makes of a jump over a destructor is undefined; on Unix the
//! destructor is skipped, which is what the last column is about. On Windows a jump unwinds, so no callback may be left by
//! one there.
//!
//! | the closure                                                                       | its call's frame holds   | after the jump |
//! |-----------------------------------------------------------------------------------|--------------------------|----------------|
//! | an `Fn`, owned, lent, leaked or behind user data; a handler or struct of callbacks where all take `&` | nothing | all is as if the call had returned |
//! | an `FnMut`, or a handler that takes `&mut`                                        | the mark that it runs    | it seems to run for ever: the next call aborts and names `longjmp` |
//! | a struct of callbacks, one of which takes `&mut self`                             | the count of those in it | the same, for calls beside the one that was left |
//! | a [counted](crate::Trampoline::counted) `Fn`                                      | the count                | it may be called again; its drop leaks   |
//! | an `FnOnce`                                                                       | the closure              | what it has captured is leaked; its slot is free, or its scope's |
//! | any, under `#[on_panic(return = …)]`                                              | what catches panics      | not to be crossed |
//!
//! So what C may leave is an `Fn`. What changes in it lies in a `Cell`, which costs nothing and is whole after a jump. A
//! `RefCell` stays borrowed, and a `Mutex` locked.
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
//!     // lua_CFunction, which may be left by lua_error
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
//! The frames of the closure itself must have nothing to drop either, at the call that may jump: no `String`, `Vec` or
//! guard, in no function in between. Let an inner function do the work and return a `Result` of what is `Copy`, and jump
//! when it has returned.
//!
//! # Never past what lends
//!
//! A function that lends a closure to C, be it [`scoped`](crate::Trampoline::scoped) or one of an `extern` block, ends the
//! loan in a destructor of its frame. A jump past it loses the slot, and leaves C with a pointer to a closure in a frame
//! that is gone. C has to call `setjmp` inside: in the function that the closure is lent to, or in one that `body` calls.
//!
//! # What was left
//!
//! The owner of an `FnMut` that was left may be dropped. The drop [waits for the call to
//! return](crate::Trampoline#dropping-while-a-call-runs), which it never does: closure and slot are leaked.
//! [`drop_abandoned`](crate::Trampoline::drop_abandoned) drops them at once. So it is with a counted `Fn`.
//!
//! The owner of a struct of callbacks can say that those that were left are over, by
//! [`Ops::end_abandoned`](crate::Ops::end_abandoned), and they may be called again. What is lent ends with its scope. What C
//! destroys by its user data is leaked if it was left.
