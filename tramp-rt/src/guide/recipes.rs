//! One short program for each kind of API.
//!
//! # Sorting
//!
//! `qsort` calls back before it returns, on this thread: the closure borrows what it likes.
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
//! `qsort_r` has a `void *`, and the closure goes through it:
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
//!     qsort_r(numbers.as_mut_ptr().cast(), 3, 4, |a, b| (*a.cast::<i32>()).cmp(&*b.cast()) as c_int);
//! }
//! assert_eq!(numbers, [1, 2, 3]);
//! ```
//!
//! # A directory walk
//!
//! A panic in the middle of it ends the walk, by the value that tells C to stop, and goes on when C has returned.
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
//! C keeps the pointer until it is unregistered. An *owned* closure comes back as a trampoline, beside what C returns.
//! Who has that unregisters the pointer, then drops the closure.
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
//! An `FnMut` drops its own trampoline, which it finds in a place that it shares with whoever registered it. The closure
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
//! It is set once and stays: *forever*. C may log on any thread, several at once. A panic in it may not go anywhere, so
//! the message that Rust prints is all that is left of it.
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
//! # A handler in the place of another
//!
//! `signal` returns the handler before. `#[restore]` puts it back when what the function returns is dropped. A signal
//! handler may do next to nothing; an atomic addition it may.
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
//! drop(handler); // what was there before is there again
//! raise(SIGWINCH);
//! assert_eq!(count.load(Relaxed), 1);
//! ```
//!
//! # A destructor
//!
//! C calls it for each value, on the thread that the value is of, and has no other use for it: *forever*.
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
//! Called once, later, on another thread: an `FnOnce + Send`, *async*. It frees itself.
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
//! # An ops table
//!
//! A `struct` of function pointers that share a state: the methods of that.
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
//! # Several callbacks in one call
//!
//! Lent closures may share what one of them alone could not borrow mutably, by a `Cell` or `RefCell`.
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
//! # A callback that gets a callback
//!
//! What C passes is a function pointer, to be called or stored; what it takes may be a closure again.
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
