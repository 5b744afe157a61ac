//! How to give C a closure, for each kind of C declaration.
//!
//! | page                    | about                                                                               |
//! |-------------------------|-------------------------------------------------------------------------------------|
//! | [`first_five_minutes`]  | from nothing to a running program                                                   |
//! | this page               | each kind of C declaration, and what to write for it                                |
//! | [`which_constructor`]   | the constructors of `Trampoline`, by three questions                                |
//! | [`recipes`]             | one short program for each kind of API: sorting, events, logs, threads, futures, ops tables … |
//! | [`bindings`]            | C functions that bindgen or a `-sys` crate declares                                 |
//! | [`lifetimes`]           | how long a closure lives, and what frees it                                         |
//! | [`threads`]             | which threads may call a closure                                                    |
//! | [`panics`]              | what happens when a closure panics                                                  |
//! | [`jumps`]               | callbacks that C leaves by `longjmp`                                                |
//! | [`plugins`]             | plugins, and libraries that are unloaded                                            |
//! | [`testing`]             | how to test code that gives closures to C                                           |
//! | [`promises`]            | what `unsafe` code promises, and what safe code cannot do                           |
//! | [`performance`]         | what a closure costs, and how to make it cost less                                  |
//! | [`how_it_works`]        | what happens between C's call and the closure                                       |
//! | [`faq`]                 | error messages and other questions                                                  |
//!
//! # The callback of a function
//!
//! Declare the function in an `extern` block under [`#[trampoline]`](macro@crate::trampoline), and write a closure where C
//! takes the pointer. Write everything else as in any `extern` block.
//!
//! | in C                                                        | in Rust                                                                    |
//! |-------------------------------------------------------------|----------------------------------------------------------------------------|
//! | `int (*f)(int, const char *)`, called before it returns     | `f: impl FnMut(c_int, *const c_char) -> c_int`                             |
//! | the same, which may be `NULL`                               | `f: Option<impl FnMut(c_int, *const c_char) -> c_int>`                     |
//! | the same, called by threads of C's own                      | `f: impl FnMut(…) + Send`, or `f: impl Fn(…) + Send + Sync` for several at once |
//! | `void (*f)(void)`, called once, later                       | `#[scope(async)] f: impl FnOnce() + Send + 'static`                        |
//! | `void (*f)(int)`, until it is unregistered                  | `#[scope(owned)] f: impl Fn(c_int) + Send + Sync + 'static`                |
//! | `void (*f)(int)`, for the rest of the process               | `#[scope(forever)] f: impl Fn(c_int) + Send + Sync + 'static`              |
//! | `void (*f)(int, void *)`, `void *data`                      | `f: impl FnMut(c_int, UserData)`, `data: UserData`                         |
//! | the same with `u_char *`, `LPARAM` or `uintptr_t`           | the same with `UserData<*mut u8>`, `UserData<isize>` or `UserData<usize>`  |
//! | the same, and `void (*destroy)(void *)`                     | `#[scope(notified)] f: impl FnMut(c_int, UserData) + Send + 'static`, `data: UserData`, `destroy: Option<unsafe extern "C" fn(UserData)>` |
//! | `handler *set(handler *f)`, which returns the one before    | `#[restore]` on the function, and the pointer's type as its result         |
//! | any of these, in a program that must not panic              | `#[fallible]` on the function, which then returns a `Result`               |
//! | `int (*f)(const struct entry *)`                            | `f: impl FnMut(&Entry) -> c_int`, if C passes no `NULL`                    |
//! | `int (*f)(const char *, ...)`                               | `f: impl FnMut(*const c_char, VaArgs<'_>) -> c_int`                        |
//! | `f` called in C code that is compiled as C++                | `extern "C-unwind"`, if panics are to go through it                        |
//!
//! `FnMut` is for closures that change what they capture. Write `Fn` if C may call the closure while it runs. Write `FnOnce`
//! if C calls it at most once.
//!
//! # Other callbacks
//!
//! | in C                                                        | in Rust                                                                    |
//! |-------------------------------------------------------------|----------------------------------------------------------------------------|
//! | `typedef int (*filter_fn)(int);` in bindings                | [`Trampoline::<filter_fn>::new(…)`](crate::Trampoline)                     |
//! | `int apply(filter_fn f, int n);` in bindings, which calls before it returns | [`tramp_rt::lend(\|f\| apply(f, n), \|n\| …)`](crate::lend) |
//! | the same with several callbacks, or a struct of them        | [`tramp_rt::scope(\|s\| …)`](crate::scope)                                 |
//! | a safe `extern "C" fn(…)` in bindings                       | [`as_declared`](crate::Trampoline::as_declared)                            |
//! | `typedef int (*filter_fn)(const struct entry *);`           | `#[trampoline] type Filter = unsafe extern "C" fn(&Entry) -> c_int;`, then `Trampoline::<Filter>::new(…)` |
//! | `setopt(handle, OPTION, ...)`                               | such a type, or one with `UserData`, then `Trampoline::<Write>::scoped_mut(…)` |
//! | `struct ops { int (*open)(…); int (*read)(…); }`            | `#[trampoline(ops = ops)] impl State { extern "C" fn open(&mut self, …) … }` |
//! | the same, used only until the function returns              | the same, then `state.scoped(empty, \|ops\| …)`; the state may borrow       |
//! | one of its functions is C's last call, which frees the state | `extern "C" fn close(self, …)` in the same `impl`, then [`give`](crate::Ops::give) |
//! | several functions, each of which sets a callback, and one `void *` for all | [a struct of your own](recipes#several-callbacks-on-one-void) under the same attribute |
//! | a handler that is easier to write as a function             | `#[trampoline] extern "C" fn on_line(log: &mut Log, line: *mut c_char) { … }`, then `on_line::bind(log)` |
//! | the same, called only until the function returns            | the same function, then `on_line::scoped(&mut log, \|f\| …)`                |
//! | `hook = f;`, a variable                                     | any of the above, then [`as_fn`](crate::Trampoline::as_fn)                 |
//! | `int (*f)(const char *, ...)` in bindings                   | [`Trampoline::<unsafe extern "C" fn(*const c_char, ...) -> c_int>::new(…)`](recipes#variable-arguments) |
//! | types that the program learns at run time                   | [a `Prototype`](recipes#types-that-are-known-only-at-run-time), then `Trampoline::<Dynamic>::new(prototype.closure(…))` |
//! | `int (*f)(const char *, va_list)`                           | [a pointer for the `va_list`](recipes#a-va_list)                           |

#[doc(alias = "bindgen")]
#[doc(alias = "sys crate")]
pub mod bindings;
#[doc(alias = "errors")]
#[doc(alias = "frequently asked questions")]
#[doc(alias = "variadic")]
#[doc(alias = "no_std")]
pub mod faq;
#[doc(alias = "quickstart")]
#[doc(alias = "getting started")]
#[allow(clippy::needless_doctest_main, reason = "whole programs, to paste")]
pub mod first_five_minutes;
#[doc(alias = "libffi")]
pub mod how_it_works;
#[doc(alias = "longjmp")]
#[doc(alias = "setjmp")]
#[doc(alias = "Lua")]
pub mod jumps;
#[doc(alias = "scope")]
#[doc(alias = "borrow")]
#[doc(alias = "unregister")]
pub mod lifetimes;
#[doc(alias = "unwind")]
#[doc(alias = "catch_unwind")]
pub mod panics;
#[doc(alias = "benchmark")]
#[doc(alias = "speed")]
pub mod performance;
#[doc(alias = "dlclose")]
#[doc(alias = "dlopen")]
#[doc(alias = "cdylib")]
pub mod plugins;
#[doc(alias = "unsafe")]
#[doc(alias = "soundness")]
#[doc(alias = "safety")]
pub mod promises;
#[doc(alias = "qsort")]
#[doc(alias = "qsort_r")]
#[doc(alias = "nftw")]
#[doc(alias = "signal")]
#[doc(alias = "pthread_create")]
#[doc(alias = "user data")]
#[doc(alias = "event handler")]
#[doc(alias = "signal handler")]
#[doc(alias = "ops table")]
#[doc(alias = "destructor")]
#[doc(alias = "Future")]
#[doc(alias = "async")]
#[doc(alias = "Waker")]
#[doc(alias = "va_list")]
#[doc(alias = "printf")]
pub mod recipes;
#[doc(alias = "mock")]
#[doc(alias = "test")]
pub mod testing;
#[doc(alias = "Send")]
#[doc(alias = "Sync")]
pub mod threads;
#[doc(alias = "decision tree")]
#[doc(alias = "constructor")]
pub mod which_constructor;
