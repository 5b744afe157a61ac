//! The attribute macro of [`tramp-rt`], which reexports it: use it from there.
//!
//! [`tramp-rt`]: https://docs.rs/tramp-rt

#![forbid(unsafe_code)]

use proc_macro2::TokenStream;
use syn::Result;

mod check;
mod errors;
mod expand;
mod parse;
#[cfg(test)]
mod tests;

use crate::errors::Errors;
use crate::parse::Form;
use crate::parse::args::Args;

/// Puts Rust closures where C takes function pointers.
///
/// | It stands on                        | and makes                                                               |
/// |-------------------------------------|-------------------------------------------------------------------------|
/// | [an `extern` block](#extern-blocks) | functions that take closures, and give C pointers to them               |
/// | [a `type`](#callback-types)         | a named signature, with lifetimes in it, for `Trampoline::<Name>::new`  |
/// | [an `extern fn`](#handlers)         | a handler: Rust binds its first parameter, C passes the others          |
/// | [an `impl`](#structs-of-callbacks)  | a C struct of callbacks, of which the methods are bound to one state    |
///
/// The closures run in place: C's arguments are not copied, and no code is made at run time.
///
/// # Extern blocks
///
/// A parameter `impl Fn(…)`, `impl FnMut(…)` or `impl FnOnce(…)` stands for a function pointer of the block's calling
/// convention. What is in the block without one stays as it is.
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use tramp_rt::trampoline;
///
/// #[trampoline]
/// unsafe extern "C" {
///     /// Sorts `count` elements of `size` bytes at `base`.
///     fn qsort(
///         base: *mut c_void,
///         count: usize,
///         size: usize,
///         compare: impl FnMut(*const c_void, *const c_void) -> c_int,
///     );
/// }
///
/// let mut numbers = [3, 1, 2];
/// let mut comparisons = 0;
/// unsafe {
///     qsort(numbers.as_mut_ptr().cast(), numbers.len(), size_of::<i32>(), |a, b| {
///         comparisons += 1;
///         let (a, b) = (*a.cast::<i32>(), *b.cast::<i32>());
///         a.cmp(&b) as c_int
///     });
/// }
/// assert_eq!(numbers, [1, 2, 3]);
/// assert!(comparisons >= 2);
/// ```
///
/// becomes, but for full paths and a hidden type in place of `Compare`:
///
/// ```
/// # use std::ffi::{c_int, c_void};
/// # use tramp_rt::Trampoline;
/// type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
///
/// /// Sorts `count` elements of `size` bytes at `base`.
/// ///
/// /// # Panics
/// ///
/// /// If no trampoline can be created for a closure.
/// #[track_caller]
/// unsafe fn qsort(
///     base: *mut c_void,
///     count: usize,
///     size: usize,
///     compare: impl FnMut(*const c_void, *const c_void) -> c_int,
/// ) {
///     let function = {
///         unsafe extern "C" {
///             fn qsort(base: *mut c_void, count: usize, size: usize, compare: Compare);
///         }
///         qsort
///     };
///     Trampoline::<Compare>::scoped_mut(compare, |f| unsafe { function(base, count, size, f) })
///         .unwrap_or_else(|failed| panic!("no trampoline could be created: {failed}"))
/// }
/// # let mut numbers = [3, 1, 2];
/// # unsafe { qsort(numbers.as_mut_ptr().cast(), 3, 4, |a, b| (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as c_int) };
/// # assert_eq!(numbers, [1, 2, 3]);
/// ```
///
/// ## How long C keeps the pointer
///
/// Its scope stands in front of the parameter, in the words of GObject Introspection.
///
/// | scope                | C calls it                                    | closures         | the function returns             |
/// |----------------------|-----------------------------------------------|------------------|----------------------------------|
/// | none, `call`         | until the function returns                    | all; may borrow  | C's result                       |
/// | `#[scope(async)]`    | once, later; then it frees itself             | `FnOnce`         | C's result                       |
/// | `#[scope(owned)]`    | until the trampoline is dropped               | `Fn`, `FnMut`    | that, and a `Trampoline<name>`   |
/// | `#[scope(notified)]` | until C destroys it: [user data](#user-data)  | all              | C's result                       |
/// | `#[scope(forever)]`  | for the rest of the process                   | `Fn`, `FnMut`    | C's result                       |
///
/// All but the lent ones need the bound `'static`. The trampoline of an *owned* closure has the name of the function for
/// a signature, or `function_parameter` where there are several:
///
/// ```standalone_crate
/// use std::ffi::c_int;
/// use tramp_rt::{Trampoline, trampoline};
/// # mod c {
/// #     use std::{ffi::c_int, sync::Mutex};
/// #     type Listener = unsafe extern "C" fn(c_int);
/// #     static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);
/// #     #[unsafe(no_mangle)] extern "C" fn add_listener(f: Listener) -> c_int { *LISTENER.lock().unwrap() = Some(f); 0 }
/// #     #[unsafe(no_mangle)] extern "C" fn remove_listener(_: Listener) { *LISTENER.lock().unwrap() = None }
/// #     pub fn emit(n: c_int) { if let Some(f) = *LISTENER.lock().unwrap() { unsafe { f(n) } } }
/// # }
///
/// #[trampoline]
/// unsafe extern "C" {
///     fn add_listener(
///         #[scope(owned)] listener: impl Fn(c_int) + Send + Sync + 'static,
///     ) -> c_int;
///     fn remove_listener(listener: unsafe extern "C" fn(c_int));
/// }
///
/// struct Listening(Trampoline<add_listener>);
///
/// impl Drop for Listening {
///     fn drop(&mut self) {
///         unsafe { remove_listener(self.0.as_fn()) }
///     }
/// }
///
/// let (sender, events) = std::sync::mpsc::channel();
/// let (status, listener) = unsafe { add_listener(move |event| sender.send(event).unwrap()) };
/// assert_eq!(status, 0);
/// let listening = Listening(listener);
/// # c::emit(5);
/// # drop(listening);
/// # c::emit(6);
/// # assert_eq!(events.iter().collect::<Vec<_>>(), [5]);
/// ```
///
/// ## Who calls it
///
/// The other bounds of a closure say it. Together with the scope they choose the constructor of `Trampoline`:
///
/// | bounds        | called by                          | `Fn`                         | `FnMut`                          | `FnOnce`                  |
/// |---------------|------------------------------------|------------------------------|----------------------------------|---------------------------|
/// | none          | this thread                        | `scoped`, `local`            | `scoped_mut`, `local_mut`        | `scoped_once`, `local_once` |
/// | `Send`        | any thread, one at a time          |                              | `scoped_any_mut`, `new_mut`      | `scoped_any_once`, `once` |
/// | `Send + Sync` | several threads                    | `scoped_any`, `new`          |                                  |                           |
///
/// A call that breaks the rule on threads aborts the process, and so do a call of an `FnMut` that is running and a
/// second one of an `FnOnce`. That a closure has the bounds, the compiler checks. That C calls a lent closure before it
/// returns is for the `unsafe` call to promise.
///
/// ## User data
///
/// Where C has a `void *` for the callback, the closure goes through it and takes no slot. Write `UserData` for the
/// parameter in which C takes it, and in the callback where C passes it on. Neither the closure nor the caller sees it:
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use tramp_rt::{UserData, trampoline};
///
/// #[trampoline]
/// unsafe extern "C" {
///     fn qsort_r(
///         base: *mut c_void,
///         count: usize,
///         size: usize,
///         compare: impl FnMut(*const c_void, *const c_void, UserData) -> c_int,
///         data: UserData,
///     );
/// }
///
/// let mut numbers = [3, 1, 2];
/// let mut comparisons = 0;
/// unsafe {
///     qsort_r(numbers.as_mut_ptr().cast(), 3, size_of::<i32>(), |a, b| {
///         comparisons += 1;
///         (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as c_int
///     });
/// }
/// assert_eq!(numbers, [1, 2, 3]);
/// ```
///
/// * **Several closures** with user data: the first such parameter is the first closure's, and so on.
/// * **Destroy functions**: a function pointer that takes `UserData` is C's parameter for how to destroy a *notified*
///   closure. It may have more parameters, and be an `Option`. The wrapper gives C one, and the caller sees none:
///
///   ```standalone_crate
///   # use std::ffi::{c_int, c_void};
///   # use tramp_rt::{UserData, trampoline};
///   # mod c { use std::ffi::c_int; use tramp_rt::UserData; #[unsafe(no_mangle)]
///   # unsafe extern "C" fn call_later(f: unsafe extern "C" fn(UserData, c_int), data: UserData, d: Option<unsafe extern "C" fn(UserData)>) {
///   #     unsafe { f(data, 1); f(data, 2); d.unwrap()(data) }
///   # } }
///   #[trampoline]
///   unsafe extern "C" {
///       fn call_later(
///           #[scope(notified)] run: impl FnMut(UserData, c_int) + 'static,
///           data: UserData,
///           destroy: Option<unsafe extern "C" fn(UserData)>,
///       );
///   }
///
///   let (sender, numbers) = std::sync::mpsc::channel();
///   unsafe { call_later(move |n| sender.send(n).unwrap()) };
///   assert_eq!(numbers.iter().collect::<Vec<_>>(), [1, 2]);
///   ```
/// * **Types**: `#[trampoline] type Name = unsafe extern "C" fn(UserData, c_int);` has all constructors of `Trampoline`,
///   whose pointer is a pair then: the function pointer and its user data. That is for what no `extern` block can declare,
///   such as `curl_easy_setopt`.
/// * **Misuse**: calls from the wrong thread and of a closure that runs die as ever. A call after the end is not seen: the
///   memory that user data leads to is gone then.
///
/// ## NULL
///
/// `Option<impl Fn(…)>` for callbacks that may be NULL. `None` needs a type, of any function: `None::<fn(_) -> _>`.
///
/// ```standalone_crate
/// # use std::ffi::c_int;
/// # use tramp_rt::trampoline;
/// # mod c { use std::ffi::c_int; #[unsafe(no_mangle)]
/// # unsafe extern "C" fn sum(count: c_int, map: Option<unsafe extern "C" fn(c_int) -> c_int>) -> c_int {
/// #     (0..count).map(|n| map.map_or(n, |map| unsafe { map(n) })).sum()
/// # } }
/// #[trampoline]
/// unsafe extern "C" {
///     fn sum(count: c_int, map: Option<impl FnMut(c_int) -> c_int>) -> c_int;
/// }
///
/// let factor = 10;
/// assert_eq!(unsafe { sum(4, Some(|n| factor * n)) }, 60);
/// assert_eq!(unsafe { sum(4, None::<fn(_) -> _>) }, 6);
/// ```
///
/// ## Handlers that replace another
///
/// `#[restore]` is for functions that return the handler before, and puts that back. With an *owned* closure the function
/// returns an `Installed`, and the drop of that calls the function again. A *lent* closure is in its place while a second
/// closure runs, which the function takes as one more argument:
///
/// ```standalone_crate
/// use std::ffi::c_int;
/// use tramp_rt::trampoline;
/// # mod c {
/// #     use std::{ffi::c_int, sync::Mutex};
/// #     type Handler = Option<unsafe extern "C" fn(c_int)>;
/// #     static HANDLER: Mutex<Handler> = Mutex::new(None);
/// #     #[unsafe(no_mangle)] extern "C" fn set_handler(f: Handler) -> Handler { std::mem::replace(&mut *HANDLER.lock().unwrap(), f) }
/// #     #[unsafe(no_mangle)] extern "C" fn fail(n: c_int) { let f = *HANDLER.lock().unwrap(); if let Some(f) = f { unsafe { f(n) } } }
/// # }
///
/// #[trampoline]
/// unsafe extern "C" {
///     #[restore]
///     fn signal(
///         number: c_int,
///         #[scope(owned)] handler: impl Fn(c_int) + Send + Sync + 'static,
///     ) -> Option<unsafe extern "C" fn(c_int)>;
///
///     #[restore]
///     fn set_handler(handler: impl FnMut(c_int)) -> Option<unsafe extern "C" fn(c_int)>;
///     safe fn fail(code: c_int);
/// }
///
/// let installed = unsafe { signal(10, |_| ()) };
/// assert!(installed.previous().is_none());
/// drop(installed); // signal(10, NULL)
///
/// let mut codes = Vec::new();
/// unsafe { set_handler(|code| codes.push(code), || fail(4)) };
/// fail(5);
/// assert_eq!(codes, [4]);
/// ```
///
/// The closure's type as C has it is the result's. What else the function takes is given to it again.
///
/// ## Safety
///
/// The function is `unsafe` to call unless it is declared a `safe fn`. Who declares it so, or calls it, promises besides
/// all that the C function asks for:
///
/// * C calls a closure only for as long as its scope says, and with valid arguments.
/// * It passes user data unchanged, and destroys it once, when no call comes any more.
/// * What an `Installed` gives to C again is valid until it is dropped.
///
/// ## If no trampoline can be created
///
/// The function panics then, which takes exhausted memory or a system without mapped tables. `Trampoline`'s own
/// constructors return an error instead.
///
/// # Callback types
///
/// A signature gets a name. It needs one if lifetimes are bound in it, as in every signature with a `&`.
///
/// ```
/// use std::ffi::c_int;
/// use tramp_rt::{Trampoline, trampoline};
///
/// #[repr(C)]
/// pub struct Entry {
///     size: u64,
/// }
///
/// #[trampoline]
/// pub type Filter = unsafe extern "C" fn(entry: &Entry) -> c_int;
///
/// let least = 100;
/// let large = Trampoline::<Filter>::new(move |entry| (entry.size >= least).into())?;
///
/// // A C function is declared `fn scan(filter: Option<Filter>)`, and called `scan(Some(filter))`.
/// let filter = Filter(large.as_fn());
/// assert_eq!(unsafe { filter.0(&Entry { size: 200 }) }, 1);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// The alias becomes a type of the same layout, and a signature with it:
///
/// ```
/// # use std::ffi::c_int;
/// # #[repr(C)]
/// # pub struct Entry { size: u64 }
/// #[repr(transparent)]
/// #[derive(Clone, Copy, Debug)]
/// pub struct Filter(pub unsafe extern "C" fn(entry: &Entry) -> c_int);
///
/// // unsafe impl Signature for Filter { … }
/// ```
///
/// The pointer inside is `unsafe` to call even if the alias is not: only a leaked trampoline cannot be gone, and
/// `Trampoline::leak` gives the pointer as declared.
///
/// # Handlers
///
/// The first parameter of a handler is its state, and C passes the others.
///
/// ```
/// use std::ffi::c_int;
/// use tramp_rt::{Trampoline, trampoline};
///
/// #[derive(Default)]
/// struct Log {
///     codes: Vec<c_int>,
/// }
///
/// #[trampoline]
/// extern "C" fn on_event(log: &mut Log, code: c_int) -> usize {
///     log.codes.push(code);
///     log.codes.len()
/// }
///
/// let handler = on_event::bind(Log::default())?;
/// let pointer: unsafe extern "C" fn(c_int) -> usize = handler.as_fn();
/// assert_eq!(unsafe { (pointer(4), pointer(2)) }, (1, 2));
/// # Ok::<(), tramp_rt::CreateError<Log>>(())
/// ```
///
/// How the handler takes its state decides what it is bound to. The state comes back in the error if no trampoline can
/// be created.
///
/// | first parameter     | `bind(state)` gives                    | called                   | `State` must be |
/// |---------------------|----------------------------------------|--------------------------|-----------------|
/// | `state: &mut State` | `Trampoline<on_event>`                 | by one thread at a time  | `Send`          |
/// | `state: &State`     | `Trampoline<on_event>`                 | by several at once       | `Send + Sync`   |
/// | `state: State`      | a pointer, which needs no owner        | once                     | `Send`          |
///
/// With `bind_local` only the thread that binds the state may call, and the state need be none of it.
///
/// The function becomes a type of the same name, which has no values:
///
/// ```
/// # use std::ffi::c_int;
/// # use tramp_rt::{CreateError, ThisThread, Trampoline};
/// # #[derive(Default)]
/// # struct Log { codes: Vec<c_int> }
/// # #[allow(non_camel_case_types)]
/// struct on_event {}
///
/// // unsafe impl Signature for on_event { … }
/// // The pointer is `unsafe extern "C" fn(code: c_int) -> usize`.
/// # tramp_rt::__private::signature! {
/// #     generics: [] [];
/// #     type: on_event;
/// #     pointer: unsafe extern "C" fn(c_int) -> usize;
/// #     declared: extern "C" fn(c_int) -> usize;
/// #     direct: 0;
/// #     fn: for<> extern "C" fn(code: c_int,) -> usize;
/// # }
///
/// impl on_event {
///     fn bind(log: Log) -> Result<Trampoline<on_event>, CreateError<Log>>
///     where
///         Log: Send + 'static,
///     {
///         // Trampoline::new_mut(move |code| on_event(&mut log, code)), or the log back
/// #       tramp_rt::__private::bind(log, |mut log| {
/// #           tramp_rt::__private::new_mut::<Self, _>(move |code| { log.codes.push(code); log.codes.len() })
/// #       })
///     }
///
///     fn bind_local(log: Log) -> Result<Trampoline<on_event, ThisThread>, CreateError<Log>> {
///         // Trampoline::local_mut(move |code| on_event(&mut log, code)), or the log back
/// #       tramp_rt::__private::bind(log, |mut log| {
/// #           tramp_rt::__private::local_mut::<Self, _>(move |code| { log.codes.push(code); log.codes.len() })
/// #       })
///     }
/// }
/// # assert_eq!(unsafe { on_event::bind(Log::default()).unwrap().as_fn()(1) }, 1);
/// # assert_eq!(unsafe { on_event::bind_local(Log::default()).unwrap().as_fn()(1) }, 1);
/// ```
///
/// # Structs of callbacks
///
/// A C struct of function pointers that share one state. The struct is C's, as it comes from bindgen or a `-sys` crate;
/// the attribute stands on an `impl` of the state. Each `extern fn` of it is the callback in the field of its name.
///
/// ```
/// use std::ffi::{CStr, c_char, c_int};
/// use tramp_rt::{Ops, trampoline};
///
/// // int register_files(const struct file_operations *ops);
/// #[repr(C)]
/// pub struct file_operations {
///     version: c_int,
///     open: Option<unsafe extern "C" fn(path: *const c_char) -> c_int>,
///     read: Option<unsafe extern "C" fn(buffer: *mut c_char, size: usize) -> isize>,
///     flush: Option<unsafe extern "C" fn() -> c_int>,
/// }
///
/// struct Disk {
///     text: String,
///     at: usize,
/// }
///
/// #[trampoline(ops = file_operations)]
/// impl Disk {
///     extern "C" fn open(&mut self, path: *const c_char) -> c_int {
///         let path = unsafe { CStr::from_ptr(path) };
///         self.at = 0;
///         if path == c"/text" { 0 } else { -1 }
///     }
///
///     extern "C" fn read(&mut self, buffer: *mut c_char, size: usize) -> isize {
///         let rest = &self.text.as_bytes()[self.at..];
///         let count = rest.len().min(size);
///         unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(rest.as_ptr(), count) };
///         self.at += count;
///         count as isize
///     }
/// }
///
/// let disk = Disk { text: "read in parts".into(), at: 0 };
/// let empty = file_operations { version: 1, open: None, read: None, flush: None };
/// let ops: Ops<file_operations> = disk.bind(empty)?;
///
/// // C would get the address: `register_files(ops.as_ptr())`.
/// let c = unsafe { &*ops.as_ptr() };
/// let (open, read) = (c.open.unwrap(), c.read.unwrap());
/// let mut buffer = [0; 8];
/// unsafe {
///     assert_eq!((open(c"/text".as_ptr()), open(c"/else".as_ptr())), (0, -1));
///     assert_eq!((read(buffer.as_mut_ptr(), 8), read(buffer.as_mut_ptr(), 8)), (8, 5));
/// }
/// assert_eq!((c.version, c.flush), (1, None));
/// # Ok::<(), tramp_rt::CreateError<Disk>>(())
/// ```
///
/// * **The struct** that `bind` is given has the other fields, and what is in those that the state has no callback for:
///   NULL, or a function of C's. Fields are `unsafe extern fn`s or `Option`s of them. In `Ops` the struct has an
///   address that stays; C may write to it, and some C functions take a copy: `*ops.as_ptr()`.
/// * **The end**: when C has unregistered the struct, drop the `Ops`. That drops the state. `Ops::leak` never does.
/// * **Threads**: with `bind` any thread may call, so the state must be `Send`, and `Sync` if a callback takes `&self`.
///   With `bind_local` it need be neither, and calls of other threads abort.
/// * **`&self` and `&mut self`**: callbacks that take `&self` may run at once and inside each other. One that takes
///   `&mut self` runs alone: any other call of the state meanwhile, by recursion or another thread, aborts.
/// * **Cost**: a slot for each callback, in which lies the address of the state. All share one piece of heap. A call of
///   `&self` is counted if there is a `&mut self` beside it.
/// * **Other methods** of the `impl` stay as they are, and so do the callbacks for Rust, but for the `extern`.
///
/// The `impl` may be generic, and so make a C struct of a Rust trait: `impl<F: Files> Adapter<F> { … }`.
///
/// # Panics
///
/// What becomes of a panic in a closure is said where the callback is declared: in front of the parameter of an
/// `extern` block, or below `#[trampoline]` on a type or a handler, or on the method of an `impl`.
///
/// | written                                    | a panic                                                            |
/// |--------------------------------------------|--------------------------------------------------------------------|
/// | nothing, `#[on_panic(abort)]`              | aborts the process after its message                               |
/// | `extern "C-unwind"`, `#[on_panic(unwind)]` | unwinds through the C functions that called, if they allow it      |
/// | `#[on_panic(return = -1)]`                 | gives C this value, and goes on in Rust where C has returned       |
/// | `#[on_panic(return = -1, hook = report)]`  | gives C this value, and goes to `report` if it cannot go on        |
///
/// It unwinds under no convention but those that end in `-unwind`, which under `#[on_panic(abort)]` and `return` do not
/// unwind either. The value is a constant of the callback's result type; `#[on_panic(return)]` is for callbacks that
/// have none.
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use std::panic::{AssertUnwindSafe, catch_unwind};
/// use tramp_rt::trampoline;
///
/// #[trampoline]
/// unsafe extern "C" {
///     fn qsort(
///         base: *mut c_void,
///         count: usize,
///         size: usize,
///         #[on_panic(return = 0)] compare: impl FnMut(*const c_void, *const c_void) -> c_int,
///     );
/// }
///
/// let mut numbers = [3, 1, 2];
/// let mut comparisons = 0;
/// let sort = || unsafe {
///     qsort(numbers.as_mut_ptr().cast(), 3, size_of::<i32>(), |_, _| {
///         comparisons += 1;
///         panic!("no order")
///     });
/// };
/// let panic = catch_unwind(AssertUnwindSafe(sort)).unwrap_err();
/// assert_eq!(panic.downcast_ref(), Some(&"no order"));
/// assert_eq!(comparisons, 1, "qsort went on, with equal elements for all it knew");
/// ```
///
/// *Lent closures* (those of the scope `call`, and `Trampoline::scoped…` of a type): the panic waits in the frame
/// of the call. Until C has returned, further calls get the value, and no closure is called, neither this one nor
/// another of the same C function that has a value. Of several panics, on several threads, the first is the one that
/// goes on. Each nested call into C has its own: it goes on from the inner one, as a panic of the closure that made
/// that call. If Rust code in the scope itself panics, that panic goes on and the one that waits is dropped.
///
/// *Closures that C keeps* (all others): C may never return to Rust, so the panic is handed to the hook, a
/// `fn(Box<dyn Any + Send>)`, on the thread that panicked. Without a hook the message of Rust's own panic hook is all.
/// The closure is called again the next time, as it was left; what must not be seen half done is for it to restore, as
/// with any caught panic. A hook that panics aborts.
///
/// ```
/// use std::any::Any;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use tramp_rt::{Trampoline, trampoline};
///
/// static PANICS: AtomicU32 = AtomicU32::new(0);
///
/// fn count(_panic: Box<dyn Any + Send>) {
///     PANICS.fetch_add(1, Ordering::Relaxed);
/// }
///
/// #[trampoline]
/// #[on_panic(return = usize::MAX, hook = count)]
/// type Write = unsafe extern "C" fn(size: usize) -> usize;
///
/// let write = Trampoline::<Write>::new(|size| 4096 / size)?;
/// assert_eq!(unsafe { ((write.as_fn())(4), (write.as_fn())(0)) }, (1024, usize::MAX));
/// assert_eq!(PANICS.load(Ordering::Relaxed), 1);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// Where a program is built with `panic = "abort"`, every panic aborts before any of this.
///
/// # Everywhere
///
/// * Any calling convention: `"C"`, `"system"`, `"C-unwind"` (through which panics may leave a closure), …
/// * Types, handlers and `impl`s may have type and constant parameters, with bounds.
/// * Parameters may have a `#[cfg(…)]`, except the state of a handler; in an `impl` the methods may.
///
/// # Arguments
///
/// * `direct = N`: how many direct thunks to compile for each closure type, from 0 to 8. As many live closures of one
///   type can be called without a jump; each thunk takes a few dozen bytes of code.
/// * `ops = Struct`: the C struct, on an [`impl`](#structs-of-callbacks).
/// * `crate = path`: where to find `tramp-rt`, if not at `::tramp_rt`. For macros and renamed dependencies.
///
/// ```
/// # mod ffi { pub use tramp_rt as runtime; }
/// # use tramp_rt::trampoline;
/// #[trampoline(crate = crate::ffi::runtime, direct = 1)]
/// type OnExit = extern "C" fn();
/// # fn main() {}
/// ```
#[doc(alias = "callback")]
#[doc(alias = "closure")]
#[doc(alias = "user data")]
#[doc(alias = "function pointer")]
#[doc(alias = "scope")]
#[doc(alias = "on_panic")]
#[doc(alias = "restore")]
#[proc_macro_attribute]
pub fn trampoline(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    transform(args.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn transform(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    let form = Form::parse(syn::parse2(item)?, &mut errors);
    if let Some(form) = &form {
        check::check(form, &args, &mut errors);
    }
    errors.finish()?;
    Ok(form.map(|form| expand::expand(&form, &args)).unwrap_or_default())
}
