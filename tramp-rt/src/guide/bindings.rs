//! C functions that bindgen or a `-sys` crate declares.
//!
//! You need not edit the bindings. [`Trampoline`](crate::Trampoline) takes the type of the function pointer from the bindings,
//! and returns a pointer of that type. If that type is safe to call, it returns the `unsafe` one, because a trampoline may be
//! dropped; only [`leak`](crate::Trampoline::leak) returns the safe one.
//!
//! # bindgen
//!
//! bindgen writes a `typedef` of a function pointer as an `Option`, because the pointer may be NULL in C. Use the `Option` as a
//! signature:
//!
//! ```
//! # use std::ffi::c_int;
//! use tramp_rt::Trampoline;
//!
//! // typedef int (*filter_fn)(int);
//! // int count(const int *numbers, size_t length, filter_fn filter);
//! # #[allow(non_camel_case_types)]
//! pub type filter_fn = Option<unsafe extern "C" fn(arg1: c_int) -> c_int>;
//! # unsafe extern "C" fn count(numbers: *const c_int, length: usize, filter: filter_fn) -> c_int {
//! #     (0..length).map(|at| unsafe { filter.unwrap()(*numbers.add(at)) }).sum()
//! # }
//!
//! let (numbers, least) = ([4, 8, 15], 8);
//! let large = Trampoline::<filter_fn>::scoped(
//!     |n| (n >= least).into(),
//!     |filter| unsafe { count(numbers.as_ptr(), numbers.len(), filter) },
//! )?;
//! assert_eq!(large, 2);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! If C calls back before it returns, nobody has to write the type: [`lend`](crate::lend) takes it from the function, and so
//! does [`lend_mut`](crate::lend_mut) for an `FnMut`. C's call comes first:
//!
//! ```
//! # use std::ffi::c_int;
//! # #[allow(non_camel_case_types)]
//! # pub type filter_fn = Option<unsafe extern "C" fn(arg1: c_int) -> c_int>;
//! # unsafe extern "C" fn count(numbers: *const c_int, length: usize, filter: filter_fn) -> c_int {
//! #     (0..length).map(|at| unsafe { filter.unwrap()(*numbers.add(at)) }).sum()
//! # }
//! let (numbers, least) = ([4, 8, 15], 8);
//! let large = tramp_rt::lend(
//!     |filter| unsafe { count(numbers.as_ptr(), numbers.len(), filter) },
//!     |n| (n >= least).into(),
//! )?;
//! assert_eq!(large, 2);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! bindgen needs no option for this. A `struct` of callbacks works as it is, too: `#[trampoline(ops = …)]` fills it. If a
//! parameter has no `typedef`, write its type out, as bindgen does. bindgen writes raw pointers and no references, so its
//! types have no lifetimes. The repository has a program with a build script in `programs/bindings`.
//!
//! For a `long double` of 16 bytes bindgen writes `u128`. C passes it in another place than a `u128`, and Rust has no type for
//! it. Write a function in C that gives the closure a `double`.
//!
//! # A whole header
//!
//! If a header has dozens of such functions, you need not declare them by hand. Your build script can copy bindgen's declarations
//! into blocks for [`#[trampoline]`](macro@crate::trampoline), with `impl FnMut(…)` instead of each pointer.
//!
//! bindgen itself cannot do that. Its trait `ParseCallbacks` gets the name of each function, can rename items, and can add
//! attributes to structs, unions and enums. It does not see or change the types of parameters, and adds no attribute to an
//! `extern` block. But bindgen returns Rust, and `syn` can read it. The repository has [the module that does the
//! rest][wrappers.rs], with about 110 lines of code. Copy it into your build script. It also finds callbacks whose typedef is an
//! alias of another one, and callbacks whose type has no name in C.
//!
//! A header does not say how long C keeps a callback, which threads call it, and which `void *` is its user data. The build
//! script says this, with one rule for many functions. These are all the rules for libuv:
//!
//! ```text
//! fn how(function: &str, callback: &str) -> Option<Closure> {
//!     let data = Some(("arg", "arg"));
//!     Some(match (function, callback) {
//!         // An allocator is four functions that have nothing to capture.
//!         ("uv_replace_allocator", _) => return None,
//!         ("uv_walk", _) => Closure { data, ..LENT },
//!         ("uv_once", _) => LENT,
//!         // A thread of libuv's pool calls the first, and a new thread the second.
//!         (_, "uv_work_cb") => ONCE_ANYWHERE,
//!         (_, "uv_thread_cb") => Closure { data, ..ONCE_ANYWHERE },
//!         // A handle calls until it is stopped or closed.
//!         ("uv_listen" | "uv_async_init", _) => OWNED,
//!         _ if function.ends_with("_start") => OWNED,
//!         // A request calls once. A handle that is closed calls once too.
//!         _ => ONCE,
//!     })
//! }
//! ```
//!
//! In the `uv.h` of libuv 1.44.2, 66 functions take a callback. 65 of them get closures by these rules, and the build script
//! leaves one out. It would also leave out a function that takes a callback and variable arguments. This header has none.
//! A user writes:
//!
//! ```text
//! let tick = move |timer: *mut ffi::uv_timer_t| count.set(count.get() + 1);
//! let (status, tick) = closures::uv_timer_start(timer, tick, 0, 1000);
//! closures::uv_walk(on, |handle| handles.push(handle));
//! ```
//!
//! The bindings themselves stay as they are beside the wrappers. Use them where C gets NULL, and for the callbacks in the
//! fields of a struct, such as `exit_cb` in the options of `uv_spawn`. For a function whose manual you have not read, choose
//! `OWNED`. Then a call from another thread aborts with a message, and the closure lives until you drop its owner. The program in
//! `programs/uv` finds the lengths of files with chains of closures. Its tests also call functions for timers, pipes, threads and
//! work in libuv's pool.
//!
//! [wrappers.rs]: https://github.com/tramp-rs/tramp/blob/main/programs/uv/src/wrappers.rs
//!
//! # `-sys` crates
//!
//! Some `-sys` crates write `Option<unsafe extern "C" fn(…)>`, others `extern "C" fn(…)` without `Option`. Both work. If the C
//! function returns the previous handler, use [`install`](crate::Trampoline::install):
//!
//! ```
//! # mod glfw_sys {
//! #     use std::{ffi::{c_char, c_int}, sync::Mutex};
//! #     pub type GLFWerrorfun = Option<unsafe extern "C" fn(c_int, *const c_char)>;
//! #     static HANDLER: Mutex<GLFWerrorfun> = Mutex::new(None);
//! #     pub unsafe extern "C" fn glfwSetErrorCallback(f: GLFWerrorfun) -> GLFWerrorfun { std::mem::replace(&mut *HANDLER.lock().unwrap(), f) }
//! # }
//! use glfw_sys::{GLFWerrorfun, glfwSetErrorCallback};
//! use tramp_rt::{Installed, Trampoline};
//!
//! let (sender, codes) = std::sync::mpsc::channel();
//! let callback = Trampoline::<GLFWerrorfun>::new(move |code, _text| drop(sender.send(code)))?;
//! // SAFETY: GLFW calls it with a C string.
//! let errors: Installed<GLFWerrorfun> =
//!     callback.install(|callback| unsafe { glfwSetErrorCallback(callback) });
//! drop(errors); // puts the previous callback back
//! assert!(codes.recv().is_err(), "and drops the closure");
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! Some declare a safe function pointer, as `libc` does for `atexit` and `clone`. A trampoline may be dropped, so only `unsafe`
//! code makes such a pointer of it, by [`as_declared`](crate::Trampoline::as_declared):
//!
//! ```
//! # mod libc { pub unsafe fn clone(f: extern "C" fn(*mut std::ffi::c_void) -> i32) -> i32 { f(std::ptr::null_mut()) } }
//! use std::ffi::{c_int, c_void};
//! use tramp_rt::Trampoline;
//!
//! let status = 7;
//! let run = move |_: *mut c_void| status;
//! let run: Trampoline<extern "C" fn(*mut c_void) -> c_int> = Trampoline::new(run)?;
//! // SAFETY: `clone` calls it, and the process that it makes has ended when `run` is dropped.
//! assert_eq!(unsafe { libc::clone(run.as_declared()) }, 7);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # User data
//!
//! The type of a function pointer does not say which argument is the user data. Declare the type again, and write `UserData` for
//! that argument. If the bindings have a `void *` there, both types have the same function pointer:
//!
//! ```
//! # mod curl_sys {
//! #     use std::ffi::{c_char, c_void};
//! #     pub type WriteFn = unsafe extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize;
//! #     pub unsafe fn receive(write: WriteFn, data: *mut c_void) -> usize { unsafe { write(c"text".as_ptr().cast_mut(), 1, 4, data) } }
//! # }
//! use std::ffi::c_char;
//! use tramp_rt::{Trampoline, UserData, trampoline};
//!
//! #[trampoline]
//! #[on_panic(return = 0)] // libcurl stops
//! type Write = unsafe extern "C" fn(*mut c_char, usize, usize, UserData) -> usize;
//!
//! let mut received = Vec::new();
//! let write = |piece: *mut c_char, size, count| {
//!     // SAFETY: so many bytes are there.
//!     let piece = unsafe { std::slice::from_raw_parts(piece.cast::<u8>(), size * count) };
//!     received.extend_from_slice(piece);
//!     size * count
//! };
//! let written = Trampoline::<Write>::scoped_mut(write, |(write, data)| unsafe {
//!     // curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write);
//!     // curl_easy_setopt(curl, CURLOPT_WRITEDATA, data);
//!     // curl_easy_perform(curl)
//! #   curl_sys::receive(write, data)
//! })?;
//! assert_eq!((written, &received[..]), (4, &b"text"[..]));
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! If the bindings have another pointer there, such as libpcap's `u_char *`, or an integer as wide as one, such as `LPARAM`,
//! write that type for the user data:
//!
//! ```
//! # mod pcap_sys {
//! #     pub unsafe fn pcap_loop(handler: Option<unsafe extern "C" fn(*mut u8, u32)>, user: *mut u8) { unsafe { handler.unwrap()(user, 60) } }
//! # }
//! # use pcap_sys::pcap_loop;
//! use tramp_rt::{Trampoline, UserData, trampoline};
//!
//! #[trampoline]
//! type Handler = unsafe extern "C" fn(user: UserData<*mut u8>, length: u32);
//!
//! let mut bytes = 0;
//! Trampoline::<Handler>::scoped_mut(|length| bytes += length, |(handler, user)| {
//!     // SAFETY: the handler is called with the data that belongs to it, inside this call.
//!     unsafe { pcap_loop(Some(handler), user) }
//! })?;
//! assert_eq!(bytes, 60);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # By hand, and with tramp
//!
//! The repository has three programs on real libraries both with and without this crate. `ci/programs --count` counts the lines
//! that only deal with the callback: 6 with this crate and 30 without for GLFW's errors, 9 and 37 for Xlib's, 16 and 51 for
//! readline's completion. Here are the last two.
//!
//! Xlib has one error handler for the process and passes it no user data. With this crate, a function that collects the errors of
//! a piece of code is:
//!
//! ```text
//! let gather = |_, event: *mut XErrorEvent| {
//!     // SAFETY: Xlib passes an event that is valid for the call.
//!     errors.push(unsafe { XError::of(event) });
//!     0
//! };
//! // SAFETY: the display is valid, and no other thread uses Xlib.
//! let set = |handler| unsafe {
//!     xlib::XSync(display, xlib::False);
//!     xlib::XSetErrorHandler(handler)
//! };
//! let result =
//!     Trampoline::<Handler>::scoped_mut(gather, |gather| while_installed(gather, set, body));
//! ```
//!
//! The same by hand:
//!
//! ```text
//! static ERRORS: AtomicPtr<Vec<XError>> = AtomicPtr::new(std::ptr::null_mut());
//!
//! unsafe extern "C" fn gather(_: *mut Display, event: *mut XErrorEvent) -> c_int {
//!     // An error that unwinds into C would be undefined, and pushing may panic.
//!     let result = std::panic::catch_unwind(|| {
//!         // SAFETY: a trap puts its own here, for as long as this is in place.
//!         let errors = unsafe { &mut *ERRORS.load(Relaxed) };
//!         // SAFETY: Xlib passes an event that is valid for the call.
//!         errors.push(unsafe { XError::of(event) });
//!     });
//!     if result.is_err() {
//!         std::process::abort();
//!     }
//!     0
//! }
//!
//! struct Restore {
//!     display: *mut Display,
//!     handler: Handler,
//!     errors: *mut Vec<XError>,
//! }
//!
//! impl Restore {
//!     unsafe fn set(display: *mut Display, errors: *mut Vec<XError>) -> Self {
//!         let handler = unsafe {
//!             xlib::XSync(display, xlib::False);
//!             xlib::XSetErrorHandler(Some(gather))
//!         };
//!         Self { display, handler, errors: ERRORS.swap(errors, Relaxed) }
//!     }
//! }
//!
//! impl Drop for Restore {
//!     fn drop(&mut self) {
//!         unsafe {
//!             xlib::XSync(self.display, xlib::False);
//!             xlib::XSetErrorHandler(self.handler);
//!         }
//!         ERRORS.store(self.errors, Relaxed);
//!     }
//! }
//! ```
//!
//! readline calls one callback to complete a word, and this callback passes readline a second one, which returns one completion
//! after the other. With this crate, each closure borrows what it needs:
//!
//! ```text
//! let complete = |word: *const c_char, _: c_int, _: c_int| {
//!     let mut matching = matches(words, unsafe { CStr::from_ptr(word) });
//!     Trampoline::<ffi::rl_compentry_func_t>::scoped_mut(
//!         |_, _| matching.next().map_or(ptr::null_mut(), owned),
//!         |generate| unsafe { ffi::rl_completion_matches(word, generate) },
//!     )
//!     .unwrap_or(ptr::null_mut())
//! };
//! let line = Trampoline::<ffi::rl_completion_func_t>::scoped(complete, |complete| unsafe {
//!     let before = ptr::replace(&raw mut ffi::rl_attempted_completion_function, complete);
//!     let line = ffi::readline(prompt.as_ptr());
//!     ffi::rl_attempted_completion_function = before;
//!     line
//! });
//! ```
//!
//! By hand, the words lie in a static, as a pointer and a length, because no lifetime fits. A second static counts the
//! completions that were returned:
//!
//! ```text
//! static WORDS: Mutex<Words> = Mutex::new(Words { all: ptr::null(), count: 0 });
//! static GENERATED: Mutex<usize> = Mutex::new(0);
//!
//! unsafe extern "C" fn complete(word: *const c_char, _: c_int, _: c_int) -> *mut *mut c_char {
//!     unsafe { ffi::rl_completion_matches(word, Some(generate)) }
//! }
//!
//! unsafe extern "C" fn generate(word: *const c_char, state: c_int) -> *mut c_char {
//!     let mut generated = GENERATED.lock().unwrap_or_else(PoisonError::into_inner);
//!     if state == 0 {
//!         *generated = 0;
//!     }
//!     let (words, word) = unsafe { (Words::get(), CStr::from_ptr(word)) };
//!     let next = matches(words, word).nth(*generated);
//!     *generated += 1;
//!     next.map_or(ptr::null_mut(), owned)
//! }
//!
//! // … and 30 lines that put the words there and take them away, also after a panic.
//! ```
