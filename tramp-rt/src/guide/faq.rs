//! Error messages and other questions.
//!
//! Each heading of the first part is what the compiler says, with `…` where it names something of yours. The second and third
//! parts list the messages of a program that aborts, and the errors of a constructor.
//!
//! # Messages of the compiler
//!
//! ## closure may outlive the current function, but it borrows `…`
//!
//! C keeps this closure, so the closure must own what it uses. Write `move` in front of it. To share a value with the code
//! around the closure, put the value in an `Arc`, or in an `Rc` if only one thread calls. To get values out of the closure, send
//! them through a channel. If C does *not* keep the closure, the declaration is wrong: remove `'static` and `#[scope(…)]`.
//!
//! ## `…` does not live long enough
//!
//! The closure borrows a local variable, and C keeps the closure for longer. The remedy is the same: `move`, an `Arc`, or a
//! constructor that lends the closure, such as [`scoped_mut`](crate::Trampoline::scoped_mut).
//!
//! ## `Rc<…>` cannot be sent between threads safely
//!
//! The closure must be `Send`, because C may call it on any thread. Use an `Arc`. If C calls it only on the thread that
//! registers it, remove `Send` and `Sync` from the parameter, or use a constructor that begins with `local`. Then each
//! call checks the thread.
//!
//! ## `Cell<…>` cannot be shared between threads safely
//!
//! The closure must be `Sync`, because C may call it on several threads at once. Use an atomic or a `Mutex`. If C calls it on
//! one thread at a time, write `impl FnMut(…) + Send`, or use [`new_mut`](crate::Trampoline::new_mut).
//!
//! ## cannot infer type of the type parameter `T` declared on the enum `Option`
//!
//! The parameter is an `Option<impl Fn…>`, and `None` does not say which type of closure it stands for. Write
//! `None::<fn(_) -> _>`, with one `_` for each argument. Any function type will do, because nothing is called.
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
//! A trampoline cannot have the type `S` of `Trampoline::<S>::new`. Write another type:
//!
//! | `S` is                                                | write                                                         |
//! |-------------------------------------------------------|---------------------------------------------------------------|
//! | a Rust function pointer, `fn(c_int)`                  | `unsafe extern "C" fn(c_int)`                                 |
//! | a pointer with references in it, `… fn(&Entry)`       | `#[trampoline] type Filter = unsafe extern "C" fn(&Entry);`, then `Trampoline::<Filter>` |
//! | a pointer with more than 16 arguments                 | the same                                                      |
//! | a pointer with more than 8 arguments in front of `...`, or with a struct there | [a name, or a pointer to the struct](#what-of-callbacks-with-) |
//!
//! ## `Trampoline` cannot make a `…` of this
//!
//! Either the type is wrong, as in the table above, or the closure is of another kind than the constructor takes:
//!
//! * A closure that changes what it captures is an `FnMut`. Use [`new_mut`](crate::Trampoline::new_mut) instead of `new`.
//! * An `unsafe fn` is not a closure. Write `|n| unsafe { function(n) }`.
//!
//! ## implementation of `Fn` is not general enough
//!
//! C passes a reference that is valid only during the call, but the closure requires one that lives longer. The compiler
//! decided that before it knew what the closure is for. Write the closure directly in the call, or write the types of
//! its parameters: `|entry: &Entry| …`.
//!
//! ## cannot assign to `…`, as it is a captured variable in a `Fn` closure
//!
//! The constructor takes an `Fn`, and the closure changes what it captures. Use the constructor that ends in `_mut`:
//! [`new_mut`](crate::Trampoline::new_mut), [`scoped_mut`](crate::Trampoline::scoped_mut) or
//! [`local_mut`](crate::Trampoline::local_mut). In an `extern` block, write `impl FnMut(…)` instead of `impl Fn(…)`.
//!
//! ## cannot move out of `…`, a captured variable in an `FnMut` closure
//!
//! The closure gives away what it captures, so it can run only once. If C calls it only once, use
//! [`once`](crate::Trampoline::once), or `#[scope(async)]` and `impl FnOnce(…)`. If C calls it more often, give away a clone.
//!
//! ## type mismatch in closure arguments
//!
//! The parameters of the closure have other types than those of the function pointer. Often a `c_int` is an `i64` in the
//! closure. Leave the types out, `|n| …`, or write the same types.
//!
//! ## closure is expected to take … argument, but it takes … arguments
//!
//! The closure needs one parameter for each argument that C passes, except for `UserData`: the closure does not get the user
//! data. Remove the parameter for it.
//!
//! ## this function takes … argument but … arguments were supplied
//!
//! A parameter of type `UserData` has no argument in Rust. The function passes the closure as user data itself. Remove the
//! argument.
//!
//! ## expected `i32`, found `()`
//!
//! A `;` at the end of the closure makes its result `()`. Remove the `;`, or return the value that C gets.
//!
//! ## expected value, found struct `…`
//!
//! `#[trampoline]` turns a function with a state into a type, because C cannot pass the state. Bind a state and use the
//! pointer: `on_event::bind(state)?`, then `.as_fn()`. If C passes all the arguments, remove the attribute: an
//! `extern "C" fn` is already a C function.
//!
//! ## expected fn pointer, found `(unsafe extern "C" fn(…), …)`
//!
//! A signature with user data gives a pair. Take it apart: `|(function, data)| …`.
//!
//! ## call to unsafe function is unsafe and requires unsafe block
//!
//! A pointer of a trampoline is `unsafe` to call even if its type is a safe function, because the trampoline may have been
//! dropped. Call it inside `unsafe`, or [`leak`](crate::Trampoline::leak) the trampoline.
//!
//! ## unused `Trampoline` … that must be used
//!
//! The function returns the owner of the closure, and this code drops it immediately. Keep it until C has unregistered
//! the pointer. If C never does, declare the parameter `#[scope(forever)]`.
//!
//! ## extern blocks must be unsafe
//!
//! Edition 2024 requires `unsafe extern "C" { … }`, with or without this crate. By `unsafe` you promise that the
//! declarations match those of C.
//!
//! ## no field `…` on type `&mut …`
//!
//! An `extern fn` of an `impl` under `#[trampoline(ops = …)]` is the callback in the field of the same name. The C struct has no
//! such field. Correct the name, or remove `extern "C"` from a method that is not a callback.
//!
//! ## the field of the C struct does not take this callback
//!
//! The field has another type. The note shows the type of the callback. If the field is a safe function pointer, declare
//! it `unsafe`: the struct may be dropped while somebody has a copy of the pointer.
//!
//! ## this attribute is of another version than `tramp-rt`
//!
//! The dependencies include two versions of `tramp-rt`, and the attribute is from the other one. Write
//! `#[tramp_rt::trampoline]`, and `#[trampoline(crate = path)]` if you have renamed the dependency.
//!
//! ## `extern` block uses type `…`, which is not FFI-safe
//!
//! This is a lint of rustc. It is about the types in your callback, and applies as in any `extern` block.
//!
//! # Messages of a program that dies
//!
//! Instead of undefined behaviour, the program prints one of these messages after `tramp:` and aborts. The message ends with the
//! address of its row.
//!
//! | message                                                                      | usual cause and remedy                     |
//! |------------------------------------------------------------------------------|--------------------------------------------|
//! | <a id="dropped"></a>``a C function pointer was called after its trampoline was dropped`` | C still had the pointer: unregister it first. `let _ = …` drops immediately, `let _owner = …` does not. |
//! | ``or a `once` trampoline was called again``                                  | C calls more than once: `async` and `once` are wrong here. |
//! | <a id="running"></a>``an FnMut closure was called while it was running``      | C calls from inside the callback, or on two threads: take an `Fn`. |
//! | ``or after a longjmp out of it``                                             | A `longjmp` [left a call](crate::guide::jumps): take an `Fn`. |
//! | <a id="twice"></a>``an FnOnce closure was called a second time``             | C calls more than once: take an `FnMut`.   |
//! | <a id="thread"></a>``a closure bound to its creating thread was called from another thread`` | C calls on another thread: add `Send`, or use a constructor without `local`. |
//! | <a id="beside"></a>``a callback was called beside one that has `&mut self` of the same state`` | C calls one callback inside another: take `&self`. |
//! | <a id="aborts"></a>``a callback that aborts on panic panicked``              | The panic's own message is above. If C must survive it, write [`#[on_panic(return = …)]`](macro@crate::trampoline#panics). |
//! | <a id="hook"></a>``a panic's hook panicked, or the payload of a panic panicked when it was dropped`` | The function in `#[on_panic(…, hook = …)]` must not panic. |
//! | <a id="numbers"></a>``more threads made closures than there are numbers for threads`` | On 32-bit processors, five hundred million threads have a number. Let fewer threads create trampolines for one thread. |
//!
//! # Errors of a constructor
//!
//! A constructor returns an error that contains the closure. A function of an `extern` block panics with the same text after
//! `no trampoline could be created:`.
//!
//! | text                                                                         | remedy                                      |
//! |------------------------------------------------------------------------------|---------------------------------------------|
//! | ``every direct slot is taken and there are no mapped tables: …``             | Switch the feature `mapped` on, or keep fewer trampolines alive: [more](crate::Error::Unsupported). |
//! | ``the heap has no room for a closure of … bytes``                            | Free memory, or capture less: [more](crate::Error::Heap). |
//! | ``the signature's context travels in a place that no thunk can fill``        | Keep to direct slots, or use user data: [more](crate::Error::NoPlace). |
//! | ``the code tables in the program were moved or changed after it was linked`` | Tell the tool to [skip the tables](#the-code-tables-in-the-program-were-moved-or-changed). |
//! | ``the system's pages of … bytes are larger than the … the tables allow``     | Use a kernel with smaller pages, or keep to direct slots: [more](crate::Error::PageSize). |
//! | ``the code tables could not be mapped``                                      | Allow one of the sources, or reserve slots before entering the sandbox: [more](crate::Error::NoSource). |
//! | ``no address space for another table: …``                                    | Raise `ulimit -v`, or drop trampolines: [more](crate::Error::Reserve). |
//! | ``another copy of a code table was refused: …``                              | Raise `vm.max_map_count`, or drop trampolines: [more](crate::Error::Copy). |
//! | ``slots cannot be made read-only or writable: …``                            | Allow `mprotect(2)`, or use `new` instead of `protected`: [more](crate::Error::Protect). |
//!
//! # Questions
//!
//! ## Is it allowed where no program may make code?
//!
//! Yes, because the crate makes no code. It works under SELinux without `execmem`, `MemoryDenyWriteExecute=`, PaX's MPROTECT, and
//! seccomp filters that look at `mmap`. If a sandbox allows almost no system calls, call
//! [`reserve`](crate::Trampoline::reserve) before you enter it.
//!
//! ## The code tables in the program were moved or changed
//!
//! This is [`Error::Rewritten`](crate::Error::Rewritten). A tool that optimises linked programs mistook the tables for functions.
//! Tell it to skip them: `llvm-bolt -skip-funcs='tramp_rt_.*tables.*'`.
//!
//! On Android the linker moves the tables of a library that was linked for pages of 4 KiB, if the device has pages of 16 KiB. Link
//! the library with `-z max-page-size=16384`.
//!
//! ## A call dies of SIGILL under Clang's control flow integrity
//!
//! With `-fsanitize=cfi-icall -fsanitize-cfi-cross-dso`, C calls only code that lies in a loaded library. Parts of Android
//! are built that way. Direct thunks lie in a library, and the tables of mapped thunks do not. You have two choices:
//!
//! * Keep at most eight closures alive in the program, and write `#[trampoline(direct = 8)]`. All closure types share the eight
//!   direct slots.
//! * Give the C function that calls the closures `__attribute__((no_sanitize("cfi-icall")))` or a line in the ignore list, as
//!   for other code that is not linked.
//!
//! [What else was tried](https://github.com/tramp-rs/tramp/blob/main/docs/hosts.md#control-flow-integrity).
//!
//! ## Can a callback unregister itself?
//!
//! Yes, if it is an `FnMut`. It may drop its own trampoline, and the closure
//! [stays until the call returns](crate::Trampoline#dropping-while-a-call-runs). There is
//! [a recipe](crate::guide::recipes#a-listener-that-unregisters-itself). C may also call its destroy function during the call. An
//! *async* closure frees itself.
//!
//! An `Fn` must not, because nothing records that it runs, and the drop frees what it uses. Make it an `FnMut` if C does not
//! call it inside itself. Otherwise create it with [`counted`](crate::Trampoline::counted), which counts its calls.
//!
//! ## Can another thread unregister a callback that runs?
//!
//! Yes, if [`new_mut`](crate::Trampoline::new_mut) or [`counted`](crate::Trampoline::counted) made it: the drop takes effect when
//! the last call returns. To wait for that, let C unregister a counted closure, and wait until
//! [`running`](crate::Trampoline::running) is 0 before you drop it. With other constructors, C must guarantee that no call runs.
//!
//! ## May C leave a callback by `longjmp`?
//!
//! Yes, on Unix, if the callback is an `Fn` and its frames have nothing to drop. The page on [jumps](crate::guide::jumps) says
//! what a jump leaves behind.
//!
//! ## Can I compare the pointers?
//!
//! Yes, while both trampolines live: their pointers differ. After a trampoline is dropped, another may get its pointer.
//!
//! ## What of callbacks with `...`?
//!
//! A closure receives [`VaArgs`](crate::VaArgs) for the `...`: [how](crate::guide::recipes#variable-arguments). Such
//! trampolines are always mapped. A platform without mapped trampolines, such as WASI, needs a C function in between. It
//! makes a text or a `va_list` of the arguments, and passes that to the closure. So does a callback with a struct by value in
//! front of the `...`.
//!
//! With more than 8 arguments in front of the `...` the type needs a name: `#[trampoline] type Name = …`.
//!
//! Do not declare a callback with `...` as one that takes a pointer in its place: C passes the arguments elsewhere.
//!
//! ## Does it work without std?
//!
//! Yes, where there is a heap: without default features the crate needs only `alloc`. Then all trampolines are direct, and
//! no call checks its thread. [The other differences](crate#features).
//!
//! ## Why not `Box<dyn Fn>` and a `static`?
//!
//! That is fine for one handler in one process. It stops working with two handlers of a kind, several threads, tests that run
//! in parallel, or a closure that borrows. Compare
//! [the same program with and without this crate](crate::guide::bindings#by-hand-and-with-tramp).
//!
//! ## Do sanitizers know of it?
//!
//! Yes: the tests run under all four of LLVM's sanitizers.
//!
//! * `LeakSanitizer`, a part of `AddressSanitizer`, learns on Linux that slots hold pointers. So it does not report a leaked
//!   closure that C can still call. It reports a closure behind user data once C has forgotten the pointer, and it is right.
//! * The `signal` of `MemorySanitizer` does not fit handlers that are put back.
//!
//! ## Why does a debugger's `step` not stop in the closure?
//!
//! GDB has no line information for a mapped thunk, so it steps over the call. Set a breakpoint in the closure. The backtrace
//! there is complete.
//!
//! ## Which system call does valgrind not know?
//!
//! It is number 462 of Linux on x86-64, `mseal`, which protects the mapped tables from changes. If the call fails, the crate
//! uses the tables without that protection.
//!
//! ## How do I report a bug?
//!
//! Include what [`diagnostics`](crate::diagnostics) prints: `println!("{}", tramp_rt::diagnostics())`.
