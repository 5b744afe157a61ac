//! Errors that people meet, and other questions.
//!
//! # Messages of the compiler
//!
//! ## closure may outlive the current function, but it borrows `…`
//!
//! C keeps this closure, so it must own what it uses: write `move` in front of it. What it shares with its surroundings goes
//! in an `Arc`, or an `Rc` if one thread calls; what comes out of it, through a channel. If C does *not* keep it, the
//! declaration is wrong: leave `'static` and the `#[scope(…)]` out.
//!
//! ## `Rc<…>` cannot be sent between threads safely
//!
//! The parameter says `Send`: C may call on any thread. If C's manual says that it calls on the one that registered, leave
//! the bound out; each call checks it then.
//!
//! ## cannot infer type of the type parameter `T` declared on the enum `Option`
//!
//! `None` for an `Option<impl Fn…>`: write `None::<fn(_) -> _>`, with an `_` for each argument. It is of no consequence
//! which function it would be.
//!
//! ```standalone_crate
//! # use tramp_rt::trampoline;
//! # mod c { #[unsafe(no_mangle)] unsafe extern "C" fn count(filter: Option<unsafe extern "C" fn(i32, i32) -> i32>) -> i32 { filter.is_some().into() } }
//! #[trampoline]
//! unsafe extern "C" {
//!     fn count(filter: Option<impl Fn(i32, i32) -> i32>) -> i32;
//! }
//!
//! assert_eq!(unsafe { count(None::<fn(_, _) -> _>) }, 0);
//! ```
//!
//! ## `…` is not a C callback type
//!
//! `S` of `Trampoline::<S>::new` is no type that a trampoline can have. What to write instead:
//!
//! | `S` is                                                | write                                                         |
//! |-------------------------------------------------------|---------------------------------------------------------------|
//! | a Rust function pointer, `fn(c_int)`                  | `unsafe extern "C" fn(c_int)`                                 |
//! | a pointer with references in it, `… fn(&Entry)`       | `#[trampoline] type Filter = unsafe extern "C" fn(&Entry);`, then `Trampoline::<Filter>` |
//! | a pointer with more than 16 arguments                 | the same                                                      |
//! | a pointer with `...`                                  | [something else](#what-of-callbacks-with-)                    |
//!
//! ## `Trampoline` cannot make a `…` of this
//!
//! The same; or the type is right, and what you gave is not a closure of the kind that the constructor takes. If it changes what
//! it captured, that is an `FnMut`: [`new_mut`](crate::Trampoline::new_mut) instead of `new`. An `unsafe fn` is no closure: write
//! `|n| unsafe { function(n) }`.
//!
//! ## implementation of `Fn` is not general enough
//!
//! The callback gets a reference that is valid for the call alone, and the closure wants one that lives longer: it was made
//! before the compiler knew what it is for. Write the closure where it is given, or its types: `|entry: &Entry| …`.
//!
//! ## cannot assign to `…`, as it is a captured variable in a `Fn` closure
//!
//! The constructor takes an `Fn`, and the closure changes what it captured. Use [`new_mut`](crate::Trampoline::new_mut) instead
//! of `new`, [`scoped_mut`](crate::Trampoline::scoped_mut) instead of `scoped`, [`local_mut`](crate::Trampoline::local_mut) instead
//! of `local`. In an `extern` block, write `impl FnMut(…)` instead of `impl Fn(…)`.
//!
//! ## cannot move out of `…`, a captured variable in an `FnMut` closure
//!
//! The closure gives away what it captured, so it can run only once. If C calls it only once, use
//! [`once`](crate::Trampoline::once), or `#[scope(async)]` and `impl FnOnce(…)`. If C calls it more often, give away a clone.
//!
//! ## type mismatch in closure arguments
//!
//! The types of the closure's parameters are not those of the function pointer. Leave the types out, `|n| …`, or write the
//! same: often a `c_int` is an `i64` in the closure.
//!
//! ## expected `i32`, found `()`
//!
//! A `;` at the end of the closure makes its result `()`. Remove it, or return the value that C gets.
//!
//! ## expected value, found struct `…`
//!
//! A function with a state and `#[trampoline]` is a type from then on, as C cannot pass the state. Bind one, and use the pointer
//! of that: `on_event::bind(state)?`, then `.as_fn()`. If all arguments are C's, leave the attribute out: `extern "C" fn` is
//! all that C needs.
//!
//! ## expected fn pointer, found `(unsafe extern "C" fn(…), …)`
//!
//! A signature with user data gives both at once: take them apart, `|(function, data)| …`.
//!
//! ## `extern` block uses type `…`, which is not FFI-safe
//!
//! rustc's own lint, of the types in the callback. It is right here as in any `extern` block.
//!
//! # Messages of a program that dies
//!
//! Each begins with `tramp:`, and stands in the place of undefined behaviour.
//!
//! | message                                                            | mostly means                                              |
//! |--------------------------------------------------------------------|-----------------------------------------------------------|
//! | `a C function pointer was called after its trampoline was dropped` | it was not unregistered; `let _ = …` drops at once, `let _owner = …` does not |
//! | … ``or a `once` trampoline was called again``                      | C calls more than once: not `async`                       |
//! | `an FnMut closure was called while it was running`                 | C calls from inside the callback, or on two threads: take an `Fn` |
//! | … `or after a longjmp out of it`                                    | a call was [left by a jump](crate::guide::jumps): take an `Fn` |
//! | `an FnOnce closure was called a second time`                       | take an `FnMut`                                           |
//! | `a closure bound to its creating thread was called from another thread` | add `Send`                                                |
//! | ``a callback was called beside one that has `&mut self` of the same state`` | take `&self` in callbacks that C calls inside each other  |
//!
//! # Questions
//!
//! ## Is it allowed where no program may make code?
//!
//! Under SELinux without `execmem`, `MemoryDenyWriteExecute=`, PaX's MPROTECT and seccomp filters that know `mmap`: yes, no code
//! is made. In a sandbox that allows next to nothing, [`reserve`](crate::Trampoline::reserve) before entering it.
//!
//! ## The code tables in the program were moved or changed
//!
//! [`Error::Rewritten`](crate::Error::Rewritten): a tool that optimises linked programs took the tables for functions. Tell it to
//! leave them alone: `llvm-bolt -skip-funcs='tramp_rt_.*tables.*'`.
//!
//! ## A call dies of SIGILL under Clang's control flow integrity
//!
//! With `-fsanitize=cfi-icall -fsanitize-cfi-cross-dso`, as parts of Android are built, C calls nothing but what lies in a
//! library that was loaded. Direct thunks do, the tables of mapped ones do not. Keep no more closures of a type alive than it
//! has direct thunks, `#[trampoline(direct = 8)]`; or give the C function that calls them
//! `__attribute__((no_sanitize("cfi-icall")))` or a line in the ignore list, as for other code that is not linked.
//! [What else was tried](https://github.com/tramp-rs/tramp/blob/main/docs/hosts.md#control-flow-integrity).
//!
//! ## Can a callback unregister itself?
//!
//! Yes, if it is an `FnMut`: it may drop its own trampoline, and [stays until it returns](crate::Trampoline#dropping-while-a-call-runs).
//! [A recipe](crate::guide::recipes#a-listener-that-unregisters-itself). C's destroy function may be called inside the call
//! as well. An *async* closure frees itself.
//!
//! Another `Fn` must not, because nothing says that it runs and its drop would free what it uses. Make it an `FnMut` if C does
//! not call it inside itself, or by [`counted`](crate::Trampoline::counted), whose calls are seen.
//!
//! ## Can another thread unregister a callback that runs?
//!
//! What [`new_mut`](crate::Trampoline::new_mut) and [`counted`](crate::Trampoline::counted) made: the drop takes effect when
//! the last call returns. Whoever has to wait for that waits, before the drop, until
//! [`running`](crate::Trampoline::running) is 0. Of others, C's own function has to make sure that no call runs.
//!
//! ## May C leave a callback by `longjmp`?
//!
//! An `Fn`, on Unix, if its frames have nothing to drop. [What may be left, and what is left behind](crate::guide::jumps).
//!
//! ## Can I compare the pointers?
//!
//! Two live trampolines have different ones. After one was dropped another may get its pointer.
//!
//! ## What of callbacks with `...`?
//!
//! A closure cannot receive variable arguments yet. Three things work:
//!
//! * Many libraries can register a second kind of callback, which gets a `va_list`. A closure can be that: a `va_list` is one
//!   argument, of the type that bindgen gives it, and the closure passes it on to `vsnprintf`.
//! * A function in C, which makes a text of the arguments and passes that on to the closure:
//!
//!   ```c
//!   static void (*say)(const char *text); /* a trampoline's pointer */
//!
//!   static void log_message(void *context, const char *format, ...)
//!   {
//!       char text[1024];
//!       va_list arguments;
//!       va_start(arguments, format);
//!       vsnprintf(text, sizeof text, format, arguments);
//!       va_end(arguments);
//!       say(text);
//!   }
//!   ```
//! * Since Rust 1.99, such a function in Rust: `unsafe extern "C" fn log_message(format: *const c_char, arguments: ...)`. It
//!   captures nothing, so what it needs has to be in a `static`.
//!
//! Do not declare a callback with `...` as one that takes a pointer in its place: C passes the arguments elsewhere.
//!
//! ## Does it work without std?
//!
//! Yes, where there is a heap: without default features the crate needs `alloc` alone. Trampolines are direct then, and nothing
//! tells threads apart: [what else is different](crate#features).
//!
//! ## Why not `Box<dyn Fn>` and a `static`?
//!
//! For one handler of one process that is fine. It is in the way as soon as there are two of a kind, or two threads,
//! tests in parallel, or a closure that borrows: [the same program with and without](crate::guide::bindings#by-hand-and-with-tramp).
//!
//! ## Do sanitizers know of it?
//!
//! Yes: the tests run under all four of LLVM's. `LeakSanitizer`, a part of `AddressSanitizer`, is told on Linux that
//! slots have pointers, so a leaked closure that C can call is none to it. What is behind user data is a leak to it when C
//! has forgotten the pointer, and it is right. `MemorySanitizer`'s `signal` is not fit for handlers that are put back.
//!
//! ## Why does a debugger's `step` not stop in the closure?
//!
//! GDB knows no line in a mapped thunk, so it steps over the call. Set a breakpoint in the closure. The backtrace there is whole.
//!
//! ## Which system call does valgrind not know?
//!
//! 462 of Linux on x86-64, `mseal`, which makes the mapped tables unchangeable. Where it fails they are used all the same.
//!
//! ## How do I report a bug?
//!
//! With what [`diagnostics`](crate::diagnostics) prints: `println!("{}", tramp_rt::diagnostics())`.
