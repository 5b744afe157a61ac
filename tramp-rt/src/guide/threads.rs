//! Who may call a closure.
//!
//! C does not say on which thread it calls back. In Rust the bounds of the closure do, and mean what they mean for
//! [`std::thread::spawn`].
//!
//! | C calls …                           | closure                | checked                                              |
//! |-------------------------------------|------------------------|------------------------------------------------------|
//! | on the thread that gave the closure | anything               | by each call, which aborts on another thread         |
//! | on any thread, one at a time        | `FnMut + Send`         | by each call, which aborts beside another            |
//! | on any thread, several at once      | `Fn + Send + Sync`     | by the compiler                                      |
//! | once, on any thread                 | `FnOnce + Send`        | by the call, which aborts if it is the second        |
//!
//! A closure that may not go to another thread does not compile where it would have to:
//!
//! ```compile_fail,E0277
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn each_on_threads(job: impl Fn(i32) + Send + Sync);
//! }
//!
//! let last = std::cell::Cell::new(0);
//! unsafe { each_on_threads(|n| last.set(n)) };
//! ```
//!
//! What no compiler can know is what C does. If it calls on another thread after all, the process ends:
//!
//! ```text
//! tramp: a closure bound to its creating thread was called from another thread; aborting
//! ```
//!
//! # Inside each other
//!
//! An `FnMut` has what it captures for itself, so a call of it inside itself aborts as well. Where C may do that, take an
//! `Fn`, and a `Cell`, `RefCell` or `Mutex` for what changes.
//!
//! # Where they are made and dropped
//!
//! Trampolines for any thread are `Send` and `Sync`, those for one thread neither. None of them has a lock: creating and
//! dropping one is lock-free, and threads do not wait for each other. In a signal handler call them, if
//! the closure is an `Fn` or `FnMut` that does only what signal handlers may. Do not create or drop any there, and call none
//! that is called once: its call frees what it was kept in.
