//! How to give C a closure, by what the C declaration looks like.
//!
//! | page              | for                                                                                 |
//! |-------------------|-------------------------------------------------------------------------------------|
//! | this one          | a C declaration, and what to write for it                                           |
//! | [`recipes`]       | one short program for each kind of API: sorting, events, logs, threads, ops tables … |
//! | [`bindings`]      | C functions that bindgen or a `-sys` crate has declared                             |
//! | [`lifetimes`]     | how long a closure lives, and who frees it                                          |
//! | [`threads`]       | who may call it                                                                     |
//! | [`panics`]        | what becomes of a panic                                                             |
//! | [`jumps`]         | callbacks that C leaves by `longjmp`                                                |
//! | [`promises`]      | what `unsafe` code promises, and what safe code cannot say                          |
//! | [`performance`]   | what it costs                                                                       |
//! | [`how_it_works`]  | what happens between C's call and the closure                                       |
//! | [`faq`]           | errors that people meet, and other questions                                        |
//!
//! # The callback of a function
//!
//! Declare the function in an `extern` block under [`#[trampoline]`](macro@crate::trampoline), and write a closure where C
//! takes the pointer. What is not said in the table is as in any `extern` block.
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
//! | the same, and `void (*destroy)(void *)`                     | `#[scope(notified)] f: impl FnMut(c_int, UserData) + Send + 'static`, `data: UserData`, `destroy: Option<unsafe extern "C" fn(UserData)>` |
//! | `handler *set(handler *f)`, which returns the one before    | `#[restore]` on the function, and the pointer's type as its result         |
//! | `int (*f)(const struct entry *)`                            | `f: impl FnMut(&Entry) -> c_int`, if C passes no `NULL`                    |
//! | `f` called in C code that is compiled as C++                | `extern "C-unwind"`, if panics are to go through it                        |
//!
//! `FnMut` is for closures that change what they capture. It may be an `Fn`, and has to be where C may call a closure
//! while it runs; and an `FnOnce` where C calls once at most.
//!
//! # Other callbacks
//!
//! | in C                                                        | in Rust                                                                    |
//! |-------------------------------------------------------------|----------------------------------------------------------------------------|
//! | `typedef int (*filter_fn)(int);` in bindings                | [`Trampoline::<filter_fn>::new(…)`](crate::Trampoline)                     |
//! | `typedef int (*filter_fn)(const struct entry *);`           | `#[trampoline] type Filter = unsafe extern "C" fn(&Entry) -> c_int;`, then `Trampoline::<Filter>::new(…)` |
//! | `setopt(handle, OPTION, ...)`                               | such a type, or one with `UserData`, and `Trampoline::<Write>::scoped_mut(…)` |
//! | `struct ops { int (*open)(…); int (*read)(…); }`            | `#[trampoline(ops = ops)] impl State { extern "C" fn open(&mut self, …) … }` |
//! | a handler that is easier to write as a function             | `#[trampoline] extern "C" fn on_line(log: &mut Log, line: *mut c_char) { … }`, then `on_line::bind(log)` |
//! | `hook = f;`, a variable                                     | any of the above, and [`as_fn`](crate::Trampoline::as_fn)                  |
//! | `int (*f)(const char *, ...)`                               | no closure can be that yet: [what works](faq#what-of-callbacks-with-)      |

#[doc(alias = "bindgen")]
#[doc(alias = "sys crate")]
pub mod bindings;
#[doc(alias = "errors")]
#[doc(alias = "frequently asked questions")]
#[doc(alias = "variadic")]
#[doc(alias = "no_std")]
pub mod faq;
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
pub mod performance;
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
pub mod recipes;
#[doc(alias = "Send")]
#[doc(alias = "Sync")]
pub mod threads;
