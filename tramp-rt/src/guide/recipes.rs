//! One short program for each kind of API.
//!
//! | recipe                                                                | C calls                               |
//! |-----------------------------------------------------------------------|---------------------------------------|
//! | [Sorting](#sorting)                                                   | until the function returns            |
//! | [A directory walk](#a-directory-walk)                                 | until the function returns            |
//! | [An event handler](#an-event-handler)                                 | until it is unregistered              |
//! | [A listener that unregisters itself](#a-listener-that-unregisters-itself) | until it has had enough           |
//! | [A log handler](#a-log-handler)                                       | for the rest of the process           |
//! | [A handler that replaces another](#a-handler-that-replaces-another) | until the previous one is put back  |
//! | [A destructor](#a-destructor)                                         | for each value                        |
//! | [The start of a thread](#the-start-of-a-thread)                       | once, on another thread               |
//! | [A callback as a `Future`](#a-callback-as-a-future)                   | once, when something is complete      |
//! | [An ops table](#an-ops-table)                                         | several functions with one state      |
//! | [An ops table for one call](#an-ops-table-for-one-call)               | until the function returns            |
//! | [A stream that C closes](#a-stream-that-c-closes)                     | several functions, until the last one |
//! | [Several callbacks on one `void *`](#several-callbacks-on-one-void)   | several functions with one state      |
//! | [Several callbacks in one call](#several-callbacks-in-one-call)       | until the function returns            |
//! | [A struct of lent closures](#a-struct-of-lent-closures)               | until the function returns            |
//! | [Variable arguments](#variable-arguments)                             | with a format and `...`               |
//! | [Types that are known only at run time](#types-that-are-known-only-at-run-time) | with the types that a script declares |
//! | [A `va_list`](#a-va_list)                                             | with a format and a `va_list`         |
//! | [A callback that gets a callback](#a-callback-that-gets-a-callback)   | until the function returns            |
//!
//! # Sorting
//!
//! `qsort` calls back before it returns, and on this thread. So the closure may borrow anything.
//!
//! ```
//! use std::ffi::{c_int, c_void};
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn qsort(
//!         base: *mut c_void,
//!         count: usize,
//!         size: usize,
//!         compare: impl FnMut(*const c_void, *const c_void) -> c_int,
//!     );
//! }
//!
//! fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
//!     // SAFETY: as many elements of that size; `qsort` calls back with pointers to two of them.
//!     unsafe {
//!         qsort(items.as_mut_ptr().cast(), items.len(), size_of::<T>(), |a, b| {
//!             key(&*a.cast()).cmp(&key(&*b.cast())) as c_int
//!         });
//!     }
//! }
//!
//! let mut words = ["banana", "fig", "apple"];
//! sort_by_key(&mut words, |word| word.len());
//! assert_eq!(words, ["fig", "apple", "banana"]);
//! ```
//!
//! `qsort_r` has a `void *`, and the closure travels through it:
//!
//! ```ignore-windows
//! # use std::ffi::{c_int, c_void};
//! use tramp_rt::{UserData, trampoline};
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn qsort_r(
//!         base: *mut c_void,
//!         count: usize,
//!         size: usize,
//!         compare: impl FnMut(*const c_void, *const c_void, UserData) -> c_int,
//!         data: UserData,
//!     );
//! }
//!
//! let mut numbers = [3, 1, 2];
//! // SAFETY: three elements of 4 bytes; `qsort_r` calls back with pointers to two of them.
//! unsafe {
//!     qsort_r(numbers.as_mut_ptr().cast(), 3, 4, |a, b| {
//!         (*a.cast::<i32>()).cmp(&*b.cast()) as c_int
//!     });
//! }
//! assert_eq!(numbers, [1, 2, 3]);
//! ```
//!
//! # A directory walk
//!
//! If the closure panics, C gets the value that tells it to stop, and the panic goes on in Rust when C has returned.
//!
//! ```ignore-windows
//! use std::ffi::{CStr, c_char, c_int, c_void};
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn nftw(
//!         directory: *const c_char,
//!         #[on_panic(return = 1)]
//!         visit: impl FnMut(*const c_char, *const c_void, c_int, *const c_void) -> c_int,
//!         descriptors: c_int,
//!         flags: c_int,
//!     ) -> c_int;
//! }
//!
//! let mut paths = Vec::new();
//! // SAFETY: a C string; `nftw` passes C strings and calls before it returns.
//! let result = unsafe {
//!     nftw(c"src".as_ptr(), |path, _, _, _| {
//!         paths.push(CStr::from_ptr(path).to_owned());
//!         0
//!     }, 16, 0)
//! };
//! assert_eq!((result, paths.contains(&c"src/lib.rs".to_owned())), (0, true));
//! ```
//!
//! # An event handler
//!
//! C keeps the pointer until it is unregistered. For an *owned* closure, the function returns a trampoline beside C's result.
//! The owner of the trampoline unregisters the pointer and then drops the trampoline, and with it the closure.
//!
//! ```standalone_crate
//! use std::ffi::c_int;
//! use tramp_rt::{Trampoline, trampoline};
//! # mod c {
//! #     use std::{ffi::c_int, sync::Mutex};
//! #     type Listener = unsafe extern "C" fn(c_int);
//! #     static ALL: Mutex<Vec<Listener>> = Mutex::new(Vec::new());
//! #     #[unsafe(no_mangle)] extern "C" fn on_key(f: Listener) -> c_int { ALL.lock().unwrap().push(f); 0 }
//! #     #[unsafe(no_mangle)] extern "C" fn off_key(f: Listener) { ALL.lock().unwrap().retain(|g| *g as usize != f as usize) }
//! #     pub fn press(n: c_int) { for f in ALL.lock().unwrap().iter() { unsafe { f(n) } } }
//! # }
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn on_key(#[scope(owned)] listener: impl FnMut(c_int) + Send + 'static) -> c_int;
//!     fn off_key(listener: unsafe extern "C" fn(c_int));
//! }
//!
//! /// Listens while it lives.
//! struct Keys(Trampoline<on_key>);
//!
//! impl Keys {
//!     fn listen(listener: impl FnMut(c_int) + Send + 'static) -> Option<Self> {
//!         // SAFETY: the closure lives until `drop` has unregistered it.
//!         let (status, trampoline) = unsafe { on_key(listener) };
//!         (status == 0).then_some(Self(trampoline))
//!     }
//! }
//!
//! impl Drop for Keys {
//!     fn drop(&mut self) {
//!         // SAFETY: it was registered by `listen`.
//!         unsafe { off_key(self.0.as_fn()) }
//!     }
//! }
//!
//! let (sender, keys) = std::sync::mpsc::channel();
//! let (own, mut count) = (sender.clone(), 0);
//! let first = Keys::listen(move |key| own.send(("first", key)).unwrap());
//! let second = Keys::listen(move |_| { count += 1; sender.send(("second", count)).unwrap() });
//! # c::press(65);
//! # drop(first);
//! # c::press(66);
//! # drop(second);
//! # c::press(67);
//! # assert_eq!(keys.iter().collect::<Vec<_>>(), [("first", 65), ("second", 1), ("second", 2)]);
//! ```
//!
//! # A listener that unregisters itself
//!
//! An `FnMut` may drop its own trampoline. It shares a place for the trampoline with the code that registers it. The closure
//! stays until the call returns.
//!
//! ```standalone_crate
//! use std::cell::Cell;
//! use std::rc::Rc;
//! use tramp_rt::trampoline;
//! # mod c {
//! #     use std::sync::Mutex;
//! #     type Listener = unsafe extern "C" fn();
//! #     static ONE: Mutex<Option<Listener>> = Mutex::new(None);
//! #     #[unsafe(no_mangle)] extern "C" fn on_tick(f: Listener) { *ONE.lock().unwrap() = Some(f); }
//! #     #[unsafe(no_mangle)] extern "C" fn off_tick(_: Listener) { *ONE.lock().unwrap() = None; }
//! #     pub fn tick() { let one = *ONE.lock().unwrap(); if let Some(f) = one { unsafe { f() } } }
//! # }
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn on_tick(#[scope(owned)] listener: impl FnMut() + 'static);
//!     fn off_tick(listener: unsafe extern "C" fn());
//! }
//!
//! let place = Rc::new(Cell::new(None));
//! let (own, mut left) = (place.clone(), 3);
//! # let ticks = Rc::new(Cell::new(0));
//! # let count = ticks.clone();
//! let listener = move || {
//!     left -= 1;
//! #   count.set(count.get() + 1);
//!     if left == 0 && let_go(&own) {
//!         println!("ticked three times"); // the closure is still there
//!     }
//! };
//! // SAFETY: it is unregistered before it is dropped.
//! place.set(Some(unsafe { on_tick(listener) }));
//! # for _ in 0..5 { c::tick(); }
//! # assert_eq!((ticks.get(), Rc::strong_count(&place), Rc::strong_count(&ticks)), (3, 1, 1));
//!
//! fn let_go(place: &Cell<Option<tramp_rt::Trampoline<on_tick, tramp_rt::ThisThread>>>) -> bool {
//!     let Some(listener) = place.take() else { return false };
//!     // SAFETY: it was registered.
//!     unsafe { off_tick(listener.as_fn()) };
//!     true // drops it; that takes effect when its call returns
//! }
//! ```
//!
//! # A log handler
//!
//! The program sets it once, and C keeps it *forever*. C may log on several threads at once, so the closure is `Send` and `Sync`.
//! With `#[on_panic(return)]` a panic ends the call after Rust has printed its message, and C goes on.
//!
//! ```standalone_crate
//! use std::ffi::{CStr, c_char, c_int};
//! use std::sync::Mutex;
//! use tramp_rt::trampoline;
//! # mod c {
//! #     use std::ffi::{c_char, c_int};
//! #     use std::sync::Mutex;
//! #     type Log = unsafe extern "C" fn(c_int, *const c_char);
//! #     static LOG: Mutex<Option<Log>> = Mutex::new(None);
//! #     #[unsafe(no_mangle)] extern "C" fn set_log_handler(f: Log) { *LOG.lock().unwrap() = Some(f) }
//! #     pub fn log() { let f = *LOG.lock().unwrap(); unsafe { f.unwrap()(3, c"full".as_ptr()) } }
//! # }
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn set_log_handler(
//!         #[scope(forever)]
//!         #[on_panic(return)]
//!         log: impl Fn(c_int, *const c_char) + Send + Sync + 'static,
//!     );
//! }
//!
//! let lines = std::sync::Arc::new(Mutex::new(Vec::new()));
//! let log = lines.clone();
//! // SAFETY: C passes a C string that lives for the call.
//! unsafe {
//!     set_log_handler(move |level, text| {
//!         let text = CStr::from_ptr(text).to_string_lossy();
//!         log.lock().unwrap().push(format!("{level}: {text}"));
//!     });
//! }
//! # c::log();
//! # assert_eq!(*lines.lock().unwrap(), ["3: full"]);
//! ```
//!
//! # A handler that replaces another
//!
//! `signal` returns the previous handler. With `#[restore]` the function returns an owner, and dropping the owner puts the
//! previous handler back. A signal handler may do only what is async-signal-safe, such as an atomic addition.
//!
//! ```ignore-windows
//! use std::ffi::c_int;
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     #[restore]
//!     fn signal(
//!         number: c_int,
//!         #[scope(owned)] handler: impl Fn(c_int) + Send + Sync + 'static,
//!     ) -> Option<unsafe extern "C" fn(c_int)>;
//!     safe fn raise(number: c_int) -> c_int;
//! }
//! # const SIGWINCH: c_int = 28;
//!
//! let count = Arc::new(AtomicU32::new(0));
//! let counted = count.clone();
//! // SAFETY: an atomic addition may interrupt anything.
//! let handler = unsafe { signal(SIGWINCH, move |_| _ = counted.fetch_add(1, Relaxed)) };
//! raise(SIGWINCH);
//! drop(handler); // puts the previous handler back
//! raise(SIGWINCH);
//! assert_eq!(count.load(Relaxed), 1);
//! ```
//!
//! # A destructor
//!
//! C calls the destructor for each value, on the thread that owns the value. No function unregisters it, so C keeps it
//! *forever*.
//!
//! ```ignore-windows
//! use std::ffi::{c_int, c_uint, c_void};
//! use std::sync::mpsc::channel;
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn pthread_key_create(
//!         key: *mut c_uint,
//!         #[scope(forever)] destroy: Option<impl Fn(*mut c_void) + Send + Sync + 'static>,
//!     ) -> c_int;
//!     fn pthread_setspecific(key: c_uint, value: *const c_void) -> c_int;
//! }
//!
//! let (sender, destroyed) = channel();
//! let mut key = 0;
//! // SAFETY: values of this key are boxed numbers, which go nowhere else.
//! let status = unsafe {
//!     pthread_key_create(&raw mut key, Some(move |value: *mut c_void| {
//!         sender.send(*Box::from_raw(value.cast::<u32>())).unwrap();
//!     }))
//! };
//! assert_eq!(status, 0);
//!
//! let set = move || unsafe { pthread_setspecific(key, Box::into_raw(Box::new(7)).cast()) };
//! std::thread::spawn(set).join().unwrap();
//! assert_eq!(destroyed.recv(), Ok(7));
//! ```
//!
//! # The start of a thread
//!
//! C calls the closure once, later, on another thread. So it is *async* and an `FnOnce + Send`, and its call frees it.
//!
//! ```ignore-windows
//! use std::ffi::{c_int, c_ulong, c_void};
//! use std::ptr;
//! use tramp_rt::{UserData, trampoline};
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn pthread_create(
//!         thread: *mut c_ulong,
//!         attributes: *const c_void,
//!         #[scope(async)] run: impl FnOnce(UserData) -> *mut c_void + Send + 'static,
//!         data: UserData,
//!     ) -> c_int;
//!     fn pthread_join(thread: c_ulong, result: *mut *mut c_void) -> c_int;
//! }
//!
//! let (sender, receiver) = std::sync::mpsc::channel();
//! let mut thread = 0;
//! // SAFETY: a place for the thread's name; NULL is the default of both others.
//! unsafe {
//!     let run = move || {
//!         sender.send("from the thread").unwrap();
//!         ptr::null_mut()
//!     };
//!     assert_eq!(pthread_create(&raw mut thread, ptr::null(), run), 0);
//!     pthread_join(thread, ptr::null_mut());
//! }
//! assert_eq!(receiver.recv(), Ok("from the thread"));
//! ```
//!
//! # A callback as a `Future`
//!
//! C calls back once, when something is complete. The closure stores the result and wakes the task that waits for it. Any
//! executor can await this future.
//!
//! ```standalone_crate
//! use std::ffi::c_int;
//! use std::future::Future;
//! use std::pin::Pin;
//! use std::sync::{Arc, Mutex};
//! use std::task::{Context, Poll, Waker};
//! use tramp_rt::trampoline;
//! # mod c {
//! #     use std::ffi::c_int;
//! #     #[unsafe(no_mangle)]
//! #     extern "C" fn read_async(file: c_int, done: unsafe extern "C" fn(c_int)) {
//! #         std::thread::spawn(move || {
//! #             std::thread::sleep(std::time::Duration::from_millis(20));
//! #             unsafe { done(100 * file) }
//! #         });
//! #     }
//! # }
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     /// Reads, and calls `done` once with the number of bytes, on any thread.
//!     safe fn read_async(
//!         file: c_int,
//!         #[scope(async)] done: impl FnOnce(c_int) + Send + 'static,
//!     );
//! }
//!
//! #[derive(Default)]
//! struct Shared {
//!     bytes: Option<c_int>,
//!     waker: Option<Waker>,
//! }
//!
//! struct Read(Arc<Mutex<Shared>>);
//!
//! impl Read {
//!     fn start(file: c_int) -> Self {
//!         let shared = Arc::<Mutex<Shared>>::default();
//!         let own = shared.clone();
//!         read_async(file, move |bytes| {
//!             let mut shared = own.lock().unwrap();
//!             shared.bytes = Some(bytes);
//!             let waker = shared.waker.take();
//!             drop(shared); // so that the task finds it unlocked
//!             waker.into_iter().for_each(Waker::wake);
//!         });
//!         Self(shared)
//!     }
//! }
//!
//! impl Future for Read {
//!     type Output = c_int;
//!
//!     fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<c_int> {
//!         let mut shared = self.0.lock().unwrap();
//!         match shared.bytes {
//!             Some(bytes) => Poll::Ready(bytes),
//!             None => {
//!                 shared.waker = Some(context.waker().clone());
//!                 Poll::Pending
//!             }
//!         }
//!     }
//! }
//!
//! async fn read_both() -> c_int {
//!     let (first, second) = (Read::start(3), Read::start(4)); // C reads both at once
//!     first.await + second.await
//! }
//! # struct Unpark(std::thread::Thread);
//! # impl std::task::Wake for Unpark {
//! #     fn wake(self: Arc<Self>) { self.0.unpark() }
//! # }
//! # let waker = Arc::new(Unpark(std::thread::current())).into();
//! # let mut task = std::pin::pin!(read_both());
//! # let both = loop {
//! #     match task.as_mut().poll(&mut Context::from_waker(&waker)) {
//! #         Poll::Ready(both) => break both,
//! #         Poll::Pending => std::thread::park(),
//! #     }
//! # };
//! # assert_eq!(both, 700);
//! ```
//!
//! Dropping the future cancels nothing: the closure stays until C calls it. If C never does, for example because the
//! function returned an error, the closure stays for the life of the process. For a C function that may fail, use an
//! *owned* `FnMut`, and keep the trampoline in the future.
//!
//! # An ops table
//!
//! A C `struct` of function pointers shares one state. Each function is a method of the state.
//!
//! ```
//! use std::ffi::c_int;
//! use tramp_rt::{Ops, trampoline};
//!
//! // As bindgen writes it.
//! #[repr(C)]
//! pub struct counter_ops {
//!     add: Option<unsafe extern "C" fn(n: c_int)>,
//!     total: Option<unsafe extern "C" fn() -> c_int>,
//!     reset: Option<unsafe extern "C" fn()>,
//! }
//! # unsafe fn count_to_three(ops: *const counter_ops) -> c_int {
//! #     let ops = unsafe { &*ops };
//! #     (1..=3).for_each(|n| unsafe { ops.add.unwrap()(n) });
//! #     unsafe { ops.total.unwrap()() }
//! # }
//!
//! struct Counter {
//!     total: c_int,
//! }
//!
//! #[trampoline(ops = counter_ops)]
//! impl Counter {
//!     extern "C" fn add(&mut self, n: c_int) {
//!         self.total += n;
//!     }
//!
//!     extern "C" fn total(&self) -> c_int {
//!         self.total
//!     }
//! }
//!
//! let empty = counter_ops { add: None, total: None, reset: None };
//! let ops: Ops<counter_ops> = Counter { total: 10 }.bind(empty)?;
//! // SAFETY: C calls the functions while `ops` lives.
//! assert_eq!(unsafe { count_to_three(ops.as_ptr()) }, 16);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # An ops table for one call
//!
//! A minimiser calls a function and its gradient until it returns. So the state may borrow, and is there afterwards.
//!
//! ```
//! use std::ffi::c_double;
//! use tramp_rt::trampoline;
//!
//! // As bindgen writes it.
//! #[repr(C)]
//! pub struct function_fdf {
//!     f: Option<unsafe extern "C" fn(x: c_double) -> c_double>,
//!     df: Option<unsafe extern "C" fn(x: c_double) -> c_double>,
//! }
//! # unsafe fn minimum(f: *const function_fdf, mut x: c_double) -> c_double {
//! #     let function_fdf { f: Some(f), df: Some(df) } = (unsafe { &*f }) else { return 0.0 };
//! #     for _ in 0..60 { x -= 0.25 * unsafe { df(x) }; }
//! #     assert!(unsafe { f(x) } < 2.1);
//! #     x
//! # }
//!
//! struct Distances<'a> {
//!     points: &'a [c_double],
//!     evaluations: u32,
//! }
//!
//! #[trampoline(ops = function_fdf)]
//! impl Distances<'_> {
//!     extern "C" fn f(&mut self, x: c_double) -> c_double {
//!         self.evaluations += 1;
//!         self.points.iter().map(|point| (x - point).powi(2)).sum()
//!     }
//!
//!     extern "C" fn df(&mut self, x: c_double) -> c_double {
//!         self.evaluations += 1;
//!         self.points.iter().map(|point| 2.0 * (x - point)).sum()
//!     }
//! }
//!
//! let points = [1.0, 3.0];
//! let mut distances = Distances { points: &points, evaluations: 0 };
//! let empty = function_fdf { f: None, df: None };
//! // SAFETY: it calls back before it returns, on this thread, and does not keep the struct.
//! let x = distances.scoped(empty, |function| unsafe { minimum(function, 9.0) })?;
//! assert!((x - 2.0).abs() < 1e-9 && distances.evaluations > 0);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # A stream that C closes
//!
//! `fopencookie` makes a `FILE` of four callbacks, and `fclose` calls `close` last. So `close` takes `self`. When C has the
//! struct, [`give`](crate::Ops::give) leaves everything to that call. If C refuses the struct, the `Ops` still owns it.
//!
//! ```
//! # #[cfg(all(target_os = "linux", target_env = "gnu"))] {
//! use std::ffi::{c_char, c_int, c_void};
//! use std::sync::mpsc::{Sender, channel};
//! use tramp_rt::{Ops, trampoline};
//!
//! // As bindgen writes it.
//! #[repr(C)]
//! #[derive(Clone, Copy)]
//! pub struct cookie_io_functions_t {
//!     read: Option<unsafe extern "C" fn(*mut c_void, *mut c_char, usize) -> isize>,
//!     write: Option<unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> isize>,
//!     seek: Option<unsafe extern "C" fn(*mut c_void, *mut i64, c_int) -> c_int>,
//!     close: Option<unsafe extern "C" fn(*mut c_void) -> c_int>,
//! }
//! # type FILE = c_void;
//! unsafe extern "C" {
//!     fn fopencookie(
//!         data: *mut c_void,
//!         mode: *const c_char,
//!         functions: cookie_io_functions_t,
//!     ) -> *mut FILE;
//!     fn fputs(text: *const c_char, file: *mut FILE) -> c_int;
//!     fn fclose(file: *mut FILE) -> c_int;
//! }
//!
//! struct Pipe {
//!     bytes: Vec<u8>,
//!     receiver: Sender<Vec<u8>>,
//! }
//!
//! #[trampoline(ops = cookie_io_functions_t)]
//! impl Pipe {
//!     extern "C" fn write(&mut self, _: *mut c_void, at: *const c_char, size: usize) -> isize {
//!         // SAFETY: so many bytes are there.
//!         let bytes = unsafe { std::slice::from_raw_parts(at.cast(), size) };
//!         self.bytes.extend_from_slice(bytes);
//!         size as isize
//!     }
//!
//!     extern "C" fn close(self, _: *mut c_void) -> c_int {
//!         if self.receiver.send(self.bytes).is_ok() { 0 } else { -1 }
//!     }
//! }
//!
//! let (receiver, texts) = channel();
//! let empty = cookie_io_functions_t { read: None, write: None, seek: None, close: None };
//! let functions: Ops<cookie_io_functions_t> = Pipe { bytes: vec![], receiver }.bind(empty)?;
//! // SAFETY: the struct is copied, and its functions are called until `close` is.
//! unsafe {
//!     let file = fopencookie(std::ptr::null_mut(), c"w".as_ptr(), *functions.as_ptr());
//!     assert!(!file.is_null());
//!     functions.give();
//!     fputs(c"written by C".as_ptr(), file);
//!     assert_eq!(fclose(file), 0);
//! }
//! assert_eq!(texts.recv().unwrap(), b"written by C");
//! assert!(texts.recv().is_err(), "the state is gone");
//! # }
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # Several callbacks on one `void *`
//!
//! A parser has one `void *`, and a function for each callback. Collect the callbacks in a struct of your own, and each
//! becomes a method of one state. Each pointer leads to the state by itself, through a slot, so C's `void *` stays unused. If
//! bindings have names for the callbacks' types, the struct's fields have these names as types.
//!
//! ```
//! use std::ffi::{c_char, c_int, c_void};
//! use tramp_rt::{Ops, ThisThread, trampoline};
//! # type Start = Option<unsafe extern "C" fn(data: *mut c_void, name: *const c_char)>;
//! # type Text = Option<unsafe extern "C" fn(data: *mut c_void, text: *const c_char, length: c_int)>;
//! # #[derive(Default)] struct Parser(Start, Text);
//! # fn set_start_handler(parser: &mut Parser, start: Start) { parser.0 = start }
//! # fn set_text_handler(parser: &mut Parser, text: Text) { parser.1 = text }
//! # unsafe fn parse(parser: &Parser) { unsafe {
//! #     parser.0.unwrap()(std::ptr::null_mut(), c"a".as_ptr());
//! #     parser.1.unwrap()(std::ptr::null_mut(), c"text".as_ptr(), 4) } }
//!
//! /// The callbacks, as the parser declares them one by one.
//! #[derive(Default)]
//! struct Handlers {
//!     start: Option<unsafe extern "C" fn(data: *mut c_void, name: *const c_char)>,
//!     text: Option<unsafe extern "C" fn(data: *mut c_void, text: *const c_char, length: c_int)>,
//! }
//!
//! #[derive(Default)]
//! struct Counts {
//!     elements: u32,
//!     bytes: c_int,
//! }
//!
//! #[trampoline(ops = Handlers)]
//! impl Counts {
//!     extern "C" fn start(&mut self, _: *mut c_void, _name: *const c_char) {
//!         self.elements += 1;
//!     }
//!
//!     extern "C" fn text(&mut self, _: *mut c_void, _text: *const c_char, length: c_int) {
//!         self.bytes += length;
//!     }
//! }
//!
//! # let mut parser = Parser::default();
//! let handlers: Ops<Handlers, ThisThread> = Counts::default().bind_local(Handlers::default())?;
//! // SAFETY: C calls them while `handlers` lives, on this thread.
//! unsafe {
//!     set_start_handler(&mut parser, (*handlers.as_ptr()).start);
//!     set_text_handler(&mut parser, (*handlers.as_ptr()).text);
//!     parse(&parser);
//! }
//! let counts = handlers.into_state::<Counts>().expect("no call runs");
//! assert_eq!((counts.elements, counts.bytes), (1, 4));
//!
//! // If the parser needs them for one call only, lend them, and keep the state yourself.
//! let mut counts = Counts::default();
//! // SAFETY: the parser is valid, and nothing uses it afterwards.
//! counts.scoped(Handlers::default(), |handlers| unsafe {
//!     set_start_handler(&mut parser, (*handlers).start);
//!     set_text_handler(&mut parser, (*handlers).text);
//!     parse(&parser);
//! })?;
//! assert_eq!((counts.elements, counts.bytes), (1, 4));
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # Several callbacks in one call
//!
//! Two lent closures cannot both borrow a variable mutably. They share it by a `Cell` or `RefCell`.
//!
//! ```standalone_crate
//! use std::cell::RefCell;
//! use std::ffi::c_int;
//! use tramp_rt::trampoline;
//! # mod c {
//! # use std::ffi::c_int;
//! # #[unsafe(no_mangle)]
//! # unsafe extern "C" fn parse(open: unsafe extern "C" fn(c_int), close: unsafe extern "C" fn()) {
//! #     unsafe { open(1); open(2); close(); open(3); close(); close() }
//! # }
//! # }
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn parse(open: impl FnMut(c_int), close: impl FnMut());
//! }
//!
//! let stack = RefCell::new(Vec::new());
//! let mut deepest = 0;
//! // SAFETY: it calls back before it returns, on this thread.
//! unsafe {
//!     parse(
//!         |tag| {
//!             stack.borrow_mut().push(tag);
//!             deepest = deepest.max(stack.borrow().len());
//!         },
//!         || drop(stack.borrow_mut().pop()),
//!     );
//! }
//! assert_eq!((deepest, stack.into_inner()), (2, vec![]));
//! ```
//!
//! # A struct of lent closures
//!
//! C takes a `struct` of callbacks and uses it only until it returns. In a [`scope`](crate::scope) each field gets a closure
//! that borrows, and no closure is inside another one.
//!
//! ```
//! # use std::ffi::c_int;
//! // As bindgen writes it.
//! # #[allow(non_camel_case_types)]
//! pub type visit_fn = Option<unsafe extern "C" fn(node: c_int)>;
//! #[repr(C)]
//! pub struct visitor {
//!     enter: visit_fn,
//!     leave: visit_fn,
//! }
//! # unsafe fn walk(visitor: *const visitor) -> c_int {
//! #     let visitor = unsafe { &*visitor };
//! #     unsafe { visitor.enter.unwrap()(1); visitor.enter.unwrap()(2); visitor.leave.unwrap()(2); visitor.leave.unwrap()(1) };
//! #     2
//! # }
//!
//! let (mut path, mut left) = (Vec::new(), 0);
//! let nodes = tramp_rt::scope(|s| {
//!     let visitor = visitor {
//!         enter: s.lend_mut::<visit_fn, _>(|node| path.push(node))?,
//!         leave: s.lend_mut::<visit_fn, _>(|_| left += 1)?,
//!     };
//!     // SAFETY: it calls back before it returns, on this thread, and does not keep the struct.
//!     Ok::<_, tramp_rt::Error>(unsafe { walk(&raw const visitor) })
//! })?;
//! assert_eq!((nodes, &path[..], left), (2, &[1, 2][..], 2));
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! # Variable arguments
//!
//! Error handlers often get a format and `...`: libxml2's, ALSA's, MPI's. A closure has [`VaArgs`](crate::VaArgs) in its place. C
//! formats the text:
//!
//! ```standalone_crate
//! use std::ffi::{c_char, c_int, c_void};
//! use tramp_rt::{VaArgs, trampoline};
//!
//! # #[cfg(any(target_os = "linux", windows))]
//! # mod c {
//! # use std::ffi::{c_char, c_int, c_void};
//! # type Error = unsafe extern "C" fn(*mut c_void, *const c_char, ...);
//! # #[unsafe(no_mangle)] unsafe extern "C" fn check(error: Error, context: *mut c_void) -> c_int {
//! #     unsafe { error(context, c"line %d: %s".as_ptr(), 3 as c_int, c"no end tag".as_ptr()) };
//! #     1
//! # }
//! # }
//! #[trampoline]
//! unsafe extern "C" {
//!     // int check(void (*error)(void *context, const char *format, ...), void *context);
//!     fn check(
//!         error: impl FnMut(*mut c_void, *const c_char, VaArgs<'_>),
//!         context: *mut c_void,
//!     ) -> c_int;
//! }
//!
//! # #[cfg(any(target_os = "linux", windows))] {
//! let mut messages = Vec::new();
//! let error = |_, format, args: VaArgs<'_>| {
//!     // SAFETY: C passes a format, and what it asks for.
//!     messages.extend(unsafe { args.format(format) });
//! };
//! // SAFETY: it calls back before it returns.
//! let errors = unsafe { check(error, std::ptr::null_mut()) };
//! assert_eq!((errors, messages), (1, vec![c"line 3: no end tag".to_owned()]));
//! # }
//! ```
//!
//! Where no format says what comes, the closure reads it, each argument by the type that C has promoted it to:
//!
//! ```
//! use std::ffi::{c_char, c_int};
//! use tramp_rt::Trampoline;
//!
//! // As bindgen has it: void (*set)(const char *name, ...), with an int or a double by the name
//! type set_fn = Option<unsafe extern "C" fn(name: *const c_char, ...)>;
//!
//! # #[cfg(any(target_os = "linux", windows))] {
//! let set = Trampoline::<set_fn>::new(|name, mut args| {
//!     // SAFETY: C passes a name, and behind it what the name says.
//!     unsafe {
//!         match *name as u8 {
//!             b'n' => assert_eq!(args.next::<c_int>(), 5),
//!             // C has made a `double` of the `float`.
//!             b'x' => assert_eq!(args.next::<f64>(), 2.5),
//!             _ => {}
//!         }
//!     }
//! })?;
//! # let set = set.as_fn().unwrap();
//! # unsafe { set(c"n".as_ptr(), 5 as c_int); set(c"x".as_ptr(), 2.5_f64); }
//! # }
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! A wrong type is read from the wrong place. So the promise is the caller's: [`VaArgs::next`](crate::VaArgs::next).
//!
//! # Types that are known only at run time
//!
//! A language binding or a plugin host learns a callback's types when a script declares them. A
//! [`Prototype`](crate::dynamic::Prototype) has these types. Its closures read the arguments by index, by their type or as a
//! [`Value`](crate::dynamic::Value), and return a value:
//!
//! ```
//! use tramp_rt::Trampoline;
//! use tramp_rt::dynamic::{Dynamic, Prototype, Type, Value};
//!
//! /// What the script has declared: `d(id)` is `double (*)(int32_t, double)`.
//! fn prototype(declared: &str) -> Result<Prototype, Box<dyn std::error::Error>> {
//!     let of = |letter| match letter {
//!         'v' => Ok(Type::Void),
//!         'i' => Ok(Type::I32),
//!         'd' => Ok(Type::F64),
//!         'p' => Ok(Type::Pointer),
//!         's' => Ok(Type::Struct), // which `new` refuses, with an error that says what to do
//!         other => Err(format!("no type is called {other}")),
//!     };
//!     let (result, arguments) = declared.split_once('(').ok_or("no arguments")?;
//!     let arguments = arguments.trim_end_matches(')').chars().map(of);
//!     let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
//!     let result = of(result.chars().next().unwrap_or('v'))?;
//!     Ok(Prototype::new(&arguments, result)?)
//! }
//!
//! # #[cfg(any(target_os = "linux", windows))] {
//! // In the place of the script's function: the sum of all numbers.
//! let closure = prototype("d(idi)")?.closure(|args| {
//!     args.iter().map(|value| match value {
//!         Value::I32(number) => number.into(),
//!         Value::F64(number) => number,
//!         other => panic!("the script adds no {other:?}"),
//!     }).sum::<f64>()
//! });
//! let sum = Trampoline::<Dynamic>::new(closure)?;
//! let pointer = sum.as_fn() as *const (); // what C gets
//! # // SAFETY: the prototype's types.
//! # let sum: unsafe extern "C" fn(i32, f64, i32) -> f64 = unsafe { std::mem::transmute(pointer) };
//! # assert_eq!(unsafe { sum(1, 2.5, 3) }, 6.5);
//! # }
//! let refused = prototype("v(is)").unwrap_err().to_string();
//! assert!(refused.contains("argument 1 is a struct by value"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The caller of the pointer promises to pass these types. [`dynamic`](crate::dynamic) has the limits.
//!
//! # A `va_list`
//!
//! A callback with a `va_list` has no variable arguments itself. On every processor C passes the list as one pointer, of which
//! bindings make different types. The closure takes that type, or `*mut c_void`, and hands it on to a function that takes
//! a `va_list`.
//!
//! ```standalone_crate
//! use std::ffi::{CStr, c_char, c_int, c_void};
//! use tramp_rt::trampoline;
//!
//! # #[cfg(target_os = "linux")]
//! # mod c {
//! # use std::ffi::{c_char, c_int, c_void};
//! # type Log = unsafe extern "C" fn(c_int, *const c_char, *mut c_void);
//! # #[unsafe(no_mangle)] unsafe extern "C" fn log_to(log: Log) {
//! #     let relay = tramp_rt::Trampoline::<unsafe extern "C" fn(c_int, *const c_char, ...)>::local(
//! #         move |level, format, mut args| unsafe { log(level, format, args.as_va_list()) }).unwrap();
//! #     unsafe { relay.as_fn()(3, c"%d of %s".as_ptr(), 7 as c_int, c"nine".as_ptr()) }
//! # }
//! # }
//! unsafe extern "C" {
//!     // int vsnprintf(char *buffer, size_t bytes, const char *format, va_list list);
//!     fn vsnprintf(
//!         buffer: *mut c_char,
//!         bytes: usize,
//!         format: *const c_char,
//!         list: *mut c_void,
//!     ) -> c_int;
//! }
//! #[trampoline]
//! unsafe extern "C" {
//!     // void log_to(void (*log)(int level, const char *format, va_list list));
//!     fn log_to(log: impl FnMut(c_int, *const c_char, *mut c_void));
//! }
//!
//! # #[cfg(target_os = "linux")] {
//! let mut lines = Vec::new();
//! let log = |level, format, list| {
//!     let mut text = [0; 100];
//!     // SAFETY: so much room; C passes a format, and a list of what it asks for.
//!     let text = unsafe {
//!         vsnprintf(text.as_mut_ptr(), text.len(), format, list);
//!         CStr::from_ptr(text.as_ptr())
//!     };
//!     lines.push((level, text.to_owned()));
//! };
//! // SAFETY: it calls back before it returns.
//! unsafe { log_to(log) };
//! assert_eq!(lines, [(3, c"7 of nine".to_owned())]);
//! # }
//! ```
//!
//! # A callback that gets a callback
//!
//! C passes a function pointer to the closure, which may call it or store it.
//!
//! ```standalone_crate
//! use std::ffi::{c_int, c_void};
//! use tramp_rt::trampoline;
//! # mod c {
//! # use std::ffi::{c_int, c_void};
//! # #[unsafe(no_mangle)]
//! # unsafe extern "C" fn list(more: unsafe extern "C" fn(unsafe extern "C" fn(*mut c_void, c_int), *mut c_void)) -> c_int {
//! #     unsafe extern "C" fn add(sum: *mut c_void, n: c_int) { unsafe { *sum.cast::<c_int>() += n } }
//! #     let mut sum = 0;
//! #     unsafe { more(add, (&raw mut sum).cast()) };
//! #     sum
//! # }
//! # }
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     /// Calls `fill` with a function to call for each number, and its user data.
//!     fn list(fill: impl FnMut(unsafe extern "C" fn(*mut c_void, c_int), *mut c_void)) -> c_int;
//! }
//!
//! let numbers = [30, 10, 2];
//! // SAFETY: the function that C passes is called as it says, while it may be.
//! let sum = unsafe { list(|add, data| numbers.iter().for_each(|&n| add(data, n))) };
//! assert_eq!(sum, 42);
//! ```
