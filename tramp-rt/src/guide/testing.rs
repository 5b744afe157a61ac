//! How to test code that gives closures to C.
//!
//! # Without the C library
//!
//! Define the C function in the test, with the same name and type. Then your wrapper calls this one, and the test decides when
//! the callback comes:
//!
//! ```standalone_crate
//! use std::ffi::c_int;
//! use tramp_rt::{Trampoline, trampoline};
//!
//! // The code to test: a wrapper of a C function.
//! #[trampoline]
//! unsafe extern "C" {
//!     fn sensor_listen(#[scope(owned)] listener: impl FnMut(c_int) + Send + 'static);
//!     fn sensor_ignore();
//! }
//!
//! struct Listening(#[allow(dead_code)] Trampoline<sensor_listen>);
//!
//! fn listen(listener: impl FnMut(c_int) + Send + 'static) -> Listening {
//!     // SAFETY: `drop` unregisters the listener before it drops the trampoline.
//!     Listening(unsafe { sensor_listen(listener) })
//! }
//!
//! impl Drop for Listening {
//!     fn drop(&mut self) {
//!         // SAFETY: always valid.
//!         unsafe { sensor_ignore() }
//!     }
//! }
//!
//! // The test, under `#[cfg(test)]`: a sensor that measures when it is told to.
//! mod sensor {
//!     use std::ffi::c_int;
//!     use std::sync::Mutex;
//!
//!     static LISTENER: Mutex<Option<unsafe extern "C" fn(c_int)>> = Mutex::new(None);
//!
//!     #[unsafe(no_mangle)]
//!     extern "C" fn sensor_listen(listener: unsafe extern "C" fn(c_int)) {
//!         *LISTENER.lock().unwrap() = Some(listener);
//!     }
//!
//!     #[unsafe(no_mangle)]
//!     extern "C" fn sensor_ignore() {
//!         *LISTENER.lock().unwrap() = None;
//!     }
//!
//!     pub fn measure(value: c_int) {
//!         let listener = *LISTENER.lock().unwrap();
//!         if let Some(listener) = listener {
//!             // SAFETY: registered, so its trampoline lives.
//!             unsafe { listener(value) }
//!         }
//!     }
//! }
//!
//! let (sender, values) = std::sync::mpsc::channel();
//! let listening = listen(move |value| sender.send(value).unwrap());
//! sensor::measure(20);
//! sensor::measure(21);
//! drop(listening);
//! sensor::measure(22); // nobody listens
//! assert_eq!(values.iter().collect::<Vec<_>>(), [20, 21]);
//! ```
//!
//! The last line also shows that the closure is dropped: the iterator ends when the closure's `sender` is gone. If the test
//! forgets to unregister, the late call aborts with a message.
//!
//! # What to test
//!
//! * **The closure is dropped once.** Capture an `Arc`, and compare `Arc::strong_count` before and after.
//! * **C calls on the thread that you expect.** Use a constructor for one thread: each call checks it, and a wrong one aborts.
//! * **A panic goes where it should.** Let the closure panic, and look for the panic around the call with `catch_unwind`. See
//!   [panics](super::panics).
//! * **A late call aborts.** A message and an abort end the whole test program, so run such a case in a child process: start
//!   `std::env::current_exe()` with the name of the test, and look at its standard error.
//!
//! Tests may run in parallel, because trampolines share nothing that they could disturb. A handler that C has only once for
//! the process, such as that of `signal`, does not allow that: use a `static` `Mutex` around these tests.
//!
//! # When no trampoline can be created
//!
//! On Linux and other Unix systems, forbid all sources of code tables and use no direct slots. Then every creation fails, and
//! the test sees whether your code returns the error and what it does with the closure:
//!
//! ```standalone_crate,ignore-windows
//! use tramp_rt::{Error, Trampoline, set_sources, trampoline};
//!
//! #[trampoline(direct = 0)]
//! type Callback = unsafe extern "C" fn();
//!
//! set_sources(&[])?; // for this process, so put the test into a file of its own
//! let failed = Trampoline::<Callback>::new(|| ()).unwrap_err();
//! assert!(matches!(failed.error, Error::NoSource(_)));
//! (failed.closure)(); // it came back
//! # Ok::<(), tramp_rt::SourcesInUse>(())
//! ```
