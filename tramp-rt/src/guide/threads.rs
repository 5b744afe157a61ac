//! Which threads may call a closure.
//!
//! C's types do not say on which thread C calls back. In Rust the bounds of the closure say it, and they mean the same as
//! for [`std::thread::spawn`].
//!
//! | C calls …                           | the closure is         | the check is made                                    |
//! |-------------------------------------|------------------------|------------------------------------------------------|
//! | on the thread that gave the closure | anything               | by each call, which aborts on another thread         |
//! | on any thread, one at a time        | `FnMut + Send`         | by each call, which aborts if another one runs       |
//! | on any thread, several at once      | `Fn + Send + Sync`     | by the compiler                                      |
//! | once, on any thread                 | `FnOnce + Send`        | by the call, which aborts if it is the second        |
//!
//! If C calls on other threads, a closure that must stay on its thread does not compile:
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
//! The compiler cannot know what C does. If C calls on another thread after all, the process aborts:
//!
//! ```text
//! tramp: a closure bound to its creating thread was called from another thread; aborting, see
//! tramp_rt::guide::faq#thread
//! ```
//!
//! # Calls inside each other
//!
//! An `FnMut` needs exclusive access to what it captures, so a call of it inside itself aborts as well. If C may do that, take an
//! `Fn`, and a `Cell`, `RefCell` or `Mutex` for what changes.
//!
//! # Which threads create and drop
//!
//! A trampoline for any thread is `Send` and `Sync`. A trampoline for one thread is neither. Creating and dropping is lock-free,
//! so threads do not wait for each other.
//!
//! # In a signal handler
//!
//! A signal handler may call a trampoline if the closure is an `Fn` or `FnMut` that does only what is async-signal-safe. It must
//! not create or drop trampolines. It must not call a closure that is called once, because the call frees the closure's memory.
