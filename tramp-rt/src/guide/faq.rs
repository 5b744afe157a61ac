//! Errors that people meet, and other questions.
//!
//! # Messages of the compiler
//!
//! ## closure may outlive the current function, but it borrows `x`
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
//! ## the closure does not fit the callback signature
//!
//! The arguments, the result or the kind are others than the pointer's. Mostly a `c_int` is an `i64` in the closure, a
//! `;` too many makes the result `()`, or a closure that changes what it captured is given to a constructor for an `Fn`:
//! `new_mut`, `scoped_mut` and `local_mut` take an `FnMut`.
//!
//! ## `…` is not a C callback signature
//!
//! There is a lifetime bound in the function pointer, as in `fn(&str)`. Name the type: `#[trampoline] type Name = …;`.
//!
//! ## expected fn pointer, found `(unsafe extern "C" fn(…), *mut c_void)`
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
//! | `an FnOnce closure was called a second time`                       | take an `FnMut`                                           |
//! | `a closure bound to its creating thread was called from another thread` | add `Send`                                                |
//! | `an FnMut closure was dropped, or its user data destroyed, while it was running` | it unregisters itself: let it tell somebody else to |
//! | ``a callback was called beside one that has `&mut self` of the same state`` | take `&self` in callbacks that C calls inside each other  |
//!
//! # Questions
//!
//! ## Is it allowed where no program may make code?
//!
//! Under SELinux without `execmem`, `MemoryDenyWriteExecute=`, PaX's MPROTECT and seccomp filters that know `mmap`: yes, no code
//! is made. In a sandbox that allows next to nothing, [`reserve`](crate::Trampoline::reserve) before entering it.
//!
//! ## Can a callback unregister itself?
//!
//! Not by dropping its own trampoline, which would free what runs. Let it leave a mark, or send the trampoline to
//! somebody who drops it when the call is over. An *async* closure does free itself.
//!
//! ## Can I compare the pointers?
//!
//! Two live trampolines have different ones. After one was dropped another may get its pointer.
//!
//! ## What of callbacks with `...`?
//!
//! Rust has no functions with variable arguments that are written in Rust, so no closure can be one. A shim in C that takes
//! a `va_list` apart can.
//!
//! ## Does it work without std?
//!
//! No: it needs the heap, and threads that can be told apart.
//!
//! ## Why not `Box<dyn Fn>` and a `static`?
//!
//! For one handler of one process that is fine. It is in the way as soon as there are two of a kind, or two threads,
//! tests in parallel, or a closure that borrows: [the same program with and without](crate::guide::bindings#by-hand-and-with-tramp).
//!
//! ## How do I report a bug?
//!
//! With what [`diagnostics`](crate::diagnostics) prints: `println!("{}", tramp_rt::diagnostics())`.
