//! What users hold: a closure and the C function pointer that runs it.
//!
//! This layer combines the layers below: `closure` and where it is kept, the `claim` of a slot, `signature`, and from `entry`
//! the functions by which C destroys a closure.

pub(crate) mod bind;
pub(crate) mod inferred;
pub(crate) mod installed;
pub(crate) mod kept;
pub(crate) mod lend;
pub(crate) mod ops;
pub(crate) mod scope;

use core::fmt;
use core::marker::PhantomData;

use self::lend::{Loan, lend_and_resume};
use crate::claim::counted::Counter;
use crate::claim::{self, Claim, direct};
use crate::closure::access::{Access, Exclusive, Once, Shared};
use crate::closure::callee::Callee;
use crate::closure::counted::{self, Counted};
use crate::closure::lease::{Kept, Lease, Protected};
use crate::closure::storage;
use crate::closure::threads::{AnyThread, Permits, ThisThread, Threads};
use crate::error::CreateError;
use crate::signature::{Accepts, Delivery, Signature};

/// Makes a type invariant in `S`, so that a trampoline of one signature is never used as one of another by subtyping.
type Invariant<S> = fn(*mut S);

/// A closure that C can call through a plain function pointer.
///
/// `S` is the type of the C function pointer: any `extern` function pointer type without lifetimes, or a type made by
/// [`#[trampoline]`](macro@crate::trampoline). `T` says which threads may call: [`AnyThread`] or [`ThisThread`].
///
/// The trampoline owns the closure. Dropping the trampoline makes the pointer invalid and drops the closure, at the end of the
/// call if [a call is running](#dropping-while-a-call-runs). A `Trampoline` is one word large, and so is an `Option` of it.
///
/// # Examples
///
/// ```
/// use std::ffi::c_int;
/// use tramp_rt::Trampoline;
///
/// // The field says the type, so nobody writes it again.
/// struct Meter {
///     length: Trampoline<unsafe extern "C" fn(c_int) -> usize>,
/// }
///
/// let greeting = String::from("hello");
/// let meter = Meter { length: Trampoline::new(move |n: c_int| greeting.len() * n as usize)? };
///
/// let pointer: unsafe extern "C" fn(c_int) -> usize = meter.length.as_fn();
/// assert_eq!(unsafe { pointer(3) }, 15);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// A `let` with a type does the same, and so does the result of a function. The compiler looks at the closure before it looks
/// at the field. So write the types of the closure's arguments, or write the type of the pointer in front:
///
/// ```
/// # use std::ffi::c_int;
/// # use tramp_rt::Trampoline;
/// type Call = unsafe extern "C" fn(c_int) -> c_int;
/// let double: Trampoline<Call> = Trampoline::new(|n: c_int| 2 * n)?;
/// let triple = Trampoline::<Call>::new(|n| 3 * n)?;
/// assert_eq!(unsafe { double.as_fn()(triple.as_fn()(7)) }, 42);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// # Constructors
///
/// Choose by how long C keeps the pointer, which threads call it, and what the closure is.
/// [Which constructor](crate::guide::which_constructor) helps if you are not sure.
///
/// | C keeps the pointer …                | C calls from …    | closure  | write                                   |
/// |--------------------------------------|-------------------|----------|-----------------------------------------|
/// | during one call into C               | this thread       | `Fn`     | [`scoped`](Self::scoped)                |
/// |                                      |                   | `FnMut`  | [`scoped_mut`](Self::scoped_mut)        |
/// |                                      |                   | `FnOnce` | [`scoped_once`](Self::scoped_once)      |
/// |                                      | any thread        | `Fn`     | [`scoped_any`](Self::scoped_any)        |
/// |                                      |                   | `FnMut`  | [`scoped_any_mut`](Self::scoped_any_mut) |
/// |                                      |                   | `FnOnce` | [`scoped_any_once`](Self::scoped_any_once) |
/// | until it is unregistered             | any thread        | `Fn`     | [`new`](Self::new)                      |
/// |                                      |                   | `FnMut`  | [`new_mut`](Self::new_mut)              |
/// |                                      |                   | `Fn`, dropped while it runs | [`counted`](Self::counted) |
/// |                                      | one known thread  | `Fn`     | [`local`](Self::local)                  |
/// |                                      |                   | `FnMut`  | [`local_mut`](Self::local_mut)          |
/// | until it has called it               | any thread        | `FnOnce` | [`once`](Self::once)                    |
/// |                                      | one known thread  | `FnOnce` | [`local_once`](Self::local_once)        |
/// | for the rest of the process          |                   |          | an owned one of the above, then [`leak`](Self::leak) |
///
/// To lend several closures at once, use [`scope`](crate::scope). To lend one without its type, to a function that bindings
/// declare, use [`lend`](crate::lend) or [`lend_mut`](crate::lend_mut).
///
/// # Misuse
///
/// Calling the pointer is `unsafe`. The caller, which is mostly C, must keep four rules:
///
/// * No call begins after the trampoline was dropped, and the closure's own destructor begins no call. A call that does aborts
///   the process with a message as long as the slot is free. A slot rests for a while, but then another trampoline gets it.
/// * No call of an `Fn` closure is running when its trampoline is dropped. Nothing records that an `Fn` runs, so this is not
///   detected: the call goes on with freed captures. An `FnMut` [may be running](#dropping-while-a-call-runs), and so may an
///   `Fn` whose calls are [counted](Self::counted).
/// * Only the threads in the table's second column call. If that is one thread, each call checks it and aborts on another one.
/// * No call of an `FnMut` closure begins while the closure runs, by recursion or on another thread. An `FnOnce` closure is
///   called only once. Each call checks this and aborts otherwise.
///
/// These are the costs of the checks, for a closure of three arguments (`ci/bench checks`, AMD EPYC of family 25, rustc 1.95):
///
/// | constructor         | each call checks                                       | ns a call, direct | mapped |
/// |---------------------|--------------------------------------------------------|------------------:|-------:|
/// | `new`, `scoped_any` | nothing                                                |               1.4 |    3.3 |
/// | `local`, `scoped`   | the thread                                             |               1.6 |    3.3 |
/// | `scoped_mut`        | the thread and no recursion                            |               1.9 |    3.5 |
/// | `local_mut`         | the thread, no recursion and no drop inside the call   |               2.2 |    3.5 |
/// | `scoped_any_mut`    | no other call, on any thread                           |               2.2 |    3.5 |
/// | `new_mut`           | no other call, and no drop inside it, on any thread    |               4.4 |    4.4 |
/// | `counted`           | is counted, and no drop inside the call                |                 – |    3.9 |
/// | `local_counted`     | the thread; is counted, and no drop inside the call    |                 – |    3.9 |
///
/// A plain function pointer takes 1.4 ns there. `scoped_any_mut` has one atomic access, and `new_mut` and the counted ones have
/// two. On other machines an atomic access takes about 4 ns.
///
/// # Dropping while a call runs
///
/// A listener that unregisters itself drops its own trampoline. An `FnMut` may do that. The drop takes effect when the call
/// returns or unwinds, and until then the closure and its slot stay. A call that begins meanwhile aborts, as after a drop. If
/// `new_mut` made the trampoline, another thread may also drop it during a call, with the same effect.
///
/// An `Fn` may do this only if [`counted`](Self::counted) or [`local_counted`](Self::local_counted) made it. Then the drop takes
/// effect when the last running call returns. Calls of other `Fn`s cost less, because nothing records them.
///
/// ```
/// # use std::{cell::Cell, rc::Rc};
/// # use tramp_rt::Trampoline;
/// let place = Rc::new(Cell::new(None));
/// let (own, mut left) = (place.clone(), 2);
/// let listener = Trampoline::<unsafe extern "C" fn() -> i32>::local_mut(move || {
///     left -= 1;
///     if left == 0 {
///         drop(own.take()); // unregisters it first, if C keeps the pointer
///     }
///     left
/// })?;
/// let pointer = listener.as_fn();
/// place.set(Some(listener));
/// assert_eq!(unsafe { (pointer(), pointer()) }, (1, 0));
/// assert_eq!(Rc::strong_count(&place), 1, "the closure is gone");
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// A call that C has [left by `longjmp`](crate::guide::jumps) never returns, so the drop would never take effect.
/// [`drop_abandoned`](Self::drop_abandoned) drops the closure immediately.
///
/// A closure of `once` or `local_once` has no owner. Its slot is free when the call begins. A call cannot drop a lent closure,
/// because only the scope ends it.
///
/// # Panics
///
/// If a closure panics under `extern "C"`, the panic prints its message and the process aborts. Under `extern "C-unwind"` the
/// panic unwinds into the C caller. A type made by `#[trampoline]` [can choose otherwise](macro@crate::trampoline#panics):
/// C gets a value, and a `scoped` constructor resumes the panic when its `body` has returned.
///
/// # Thread safety
///
/// `Trampoline<S, AnyThread>` is `Send` and `Sync`, because its constructors require a closure that any thread may call and
/// drop. `Trampoline<S, ThisThread>` is neither:
///
/// ```compile_fail,E0277
/// # use tramp_rt::Trampoline;
/// let count = std::rc::Rc::new(1);
/// // Rc is not Send
/// let shared = Trampoline::<unsafe extern "C" fn()>::new(move || drop(count.clone()));
/// ```
/// ```compile_fail,E0277
/// # use tramp_rt::Trampoline;
/// let count = std::rc::Rc::new(1);
/// let local = Trampoline::<unsafe extern "C" fn()>::local(move || drop(count.clone())).unwrap();
/// std::thread::spawn(move || drop(local)); // bound to its thread
/// ```
#[must_use = "the pointer is valid until the trampoline is dropped"]
pub struct Trampoline<S, T: Threads = AnyThread> {
    claimed: Claim,
    signature: PhantomData<(Invariant<S>, T)>,
}

// SAFETY: the constructors for `AnyThread` require a closure that any thread may call, and so drop.
unsafe impl<S> Send for Trampoline<S, AnyThread> {}
// SAFETY: `&Trampoline` only reads the entry of a bound slot.
unsafe impl<S> Sync for Trampoline<S, AnyThread> {}

impl<S> Trampoline<S> {
    /// Creates a trampoline for a closure that any thread may call, several at once.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no slot or no memory. [`CreateError`] contains the closure.
    pub fn new<F>(closure: F) -> Result<Self, CreateError<F>>
    where
        F: Send + Sync + 'static,
        S: Signature + Accepts<Callee<F, Shared, AnyThread>>,
    {
        own(closure, |closure| closure)
    }

    /// Creates a trampoline for a closure that any thread may call, one at a time.
    ///
    /// Each call checks by an atomic exchange that no other call is running. When it returns, it checks by a second exchange
    /// whether the trampoline was dropped meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// let mut calls = 0;
    /// let count = move || { calls += 1; calls };
    /// let count = Trampoline::<unsafe extern "C" fn() -> u32>::new_mut(count)?;
    /// let count = count.as_fn();
    /// assert_eq!(unsafe { (count(), count()) }, (1, 2));
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn new_mut<F>(closure: F) -> Result<Self, CreateError<F>>
    where
        F: Send + 'static,
        S: Signature + Accepts<Callee<F, Exclusive, AnyThread>>,
    {
        own(closure, |closure| closure)
    }

    /// Creates a pointer to a closure that any thread may call once. The call frees the closure and its slot.
    ///
    /// If nobody calls it, the closure stays for the life of the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// use std::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let send = move |status| sender.send(status).unwrap();
    /// let finished = Trampoline::<unsafe extern "C" fn(i32)>::once(send)?;
    /// unsafe { finished(7) };
    /// assert_eq!(receiver.recv(), Ok(7));
    /// assert!(receiver.recv().is_err(), "the closure and its sender are gone");
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn once<F>(closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: Send + 'static,
        S: Signature + Accepts<Callee<F, Once, AnyThread>>,
    {
        own::<S, F, Once, AnyThread, Kept, _>(closure, |closure| closure).map(Trampoline::into_fn)
    }

    /// Creates a trampoline for a closure that any thread may call, several at once, with a read-only slot.
    ///
    /// An attacker who can write to all writable memory of the process can make other trampolines call any function, but not
    /// this one. The captured values stay as writable as in a `Box`.
    ///
    /// Creating or dropping it takes a lock and two system calls, which is some microseconds. During the few stores in between,
    /// all slots of its region are writable, which are some thousands. A call costs the same as with [`new`](Self::new).
    ///
    /// The trampoline is never direct. [`reserve`](Self::reserve) keeps no stock for it. The global allocator must not create or
    /// drop one, because the crate allocates under the lock. If the system forbids `mprotect(2)` when the trampoline is
    /// dropped, the slot and the closure stay as they are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// let add = Trampoline::<unsafe extern "C" fn(i32) -> i32>::protected(|n| n + 1)?;
    /// assert_eq!(unsafe { add.as_fn()(41) }, 42);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// A signature with user data has no slot, so this does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use tramp_rt::{Trampoline, UserData, trampoline};
    /// #[trampoline]
    /// type Run = unsafe extern "C" fn(data: UserData);
    ///
    /// let _ = Trampoline::<Run>::protected(|| ());
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`new`](Self::new), and [`Error::Protect`](crate::Error::Protect).
    pub fn protected<F>(closure: F) -> Result<Self, CreateError<F>>
    where
        F: Send + Sync + 'static,
        S: Signature + Accepts<Callee<F, Shared, AnyThread, Protected>>,
    {
        const {
            assert!(
                matches!(S::DELIVERY, Delivery::Slot(_)),
                "user data has no slot that could be protected; use another constructor"
            );
        }
        let Delivery::Slot(probe) = S::DELIVERY else { unreachable!("see above") };
        let (claimed, window) = match claim::claim_protected(S::CODE, probe) {
            Ok(claimed) => claimed,
            Err(error) => return Err(CreateError { closure, error }),
        };
        let kept = Callee::<F, Shared, AnyThread, Protected>::store(claimed, closure, Callee::new);
        if let Ok(bound) = &kept {
            // SAFETY: claimed with this code and bound; and the window, in which it can be written, is open.
            unsafe { bound.tell(S::CODE) };
        }
        window.close();
        finish(claimed, kept)
    }

    /// Creates a trampoline for a closure that any thread may call, several at once, and counts its calls.
    ///
    /// Use it for a listener that unregisters itself, or that another thread unregisters while it runs, and that cannot be an
    /// `FnMut` because C calls it inside itself or on several threads at once. The drop [takes effect when the last call
    /// returns](#dropping-while-a-call-runs). A call that comes too late aborts, until another counted closure gets the slot.
    ///
    /// The trampoline is never direct. A slot with its counter takes 64 bytes, and is reused only for counted closures. Threads
    /// that call at the same time share the counter's cache line.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use tramp_rt::Trampoline;
    /// let place = Arc::new(Mutex::new(None));
    /// let (own, name) = (place.clone(), String::from("listener"));
    /// let listener = Trampoline::<unsafe extern "C" fn(i32) -> usize>::counted(move |left| {
    ///     if left == 0 {
    ///         drop(own.lock().unwrap().take()); // unregisters it first, if C keeps the pointer
    ///     }
    ///     name.len()
    /// })?;
    /// let pointer = listener.as_fn();
    /// *place.lock().unwrap() = Some(listener);
    /// assert_eq!(unsafe { (pointer(1), pointer(0)) }, (8, 8));
    /// assert_eq!(Arc::strong_count(&place), 1, "the closure is gone");
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// A signature with user data has no slot, so this does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use tramp_rt::{Trampoline, UserData, trampoline};
    /// #[trampoline]
    /// type Run = unsafe extern "C" fn(data: UserData);
    ///
    /// let _ = Trampoline::<Run>::counted(|| ());
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`new`](Self::new).
    #[doc(alias = "unregister")]
    pub fn counted<F>(closure: F) -> Result<Self, CreateError<F>>
    where
        F: Send + Sync + 'static,
        S: Signature + Accepts<Callee<F, Shared, AnyThread, Counted>>,
    {
        own_counted(closure)
    }

    /// Creates a trampoline as [`counted`](Self::counted) does, for a closure that only this thread may call.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn local_counted<F>(closure: F) -> Result<Trampoline<S, ThisThread>, CreateError<F>>
    where
        F: 'static,
        S: Signature + Accepts<Callee<F, Shared, ThisThread, Counted>>,
    {
        own_counted(closure)
    }

    /// Creates a trampoline for a closure that only this thread may call. Each call checks its thread.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn local<F>(closure: F) -> Result<Trampoline<S, ThisThread>, CreateError<F>>
    where
        F: 'static,
        S: Signature + Accepts<Callee<F, Shared, ThisThread>>,
    {
        own(closure, |closure| closure)
    }

    /// Creates a trampoline for a closure that only this thread may call, and not while it runs. Each call checks both.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn local_mut<F>(closure: F) -> Result<Trampoline<S, ThisThread>, CreateError<F>>
    where
        F: 'static,
        S: Signature + Accepts<Callee<F, Exclusive, ThisThread>>,
    {
        own(closure, |closure| closure)
    }

    /// Creates a pointer to a closure that only this thread may call, once. The call frees the closure and its slot.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn local_once<F>(closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: 'static,
        S: Signature + Accepts<Callee<F, Once, ThisThread>>,
    {
        own::<S, F, Once, ThisThread, Kept, _>(closure, |closure| closure).map(Trampoline::into_fn)
    }
}

impl<S> Trampoline<S> {
    /// Lends a closure to C while `body` runs. The closure may borrow anything, and nothing is allocated.
    ///
    /// The pointer is valid until `body` returns or unwinds. Only this thread may call it. Each call checks its thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// use std::ffi::{c_int, c_void};
    /// # unsafe extern "C" {
    /// #     fn bsearch(key: *const c_void, base: *const c_void, count: usize, size: usize,
    /// #         compare: unsafe extern "C" fn(*const c_void, *const c_void) -> c_int) -> *const c_void;
    /// # }
    /// type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
    ///
    /// let (words, order) = (["zero", "one", "two"], [1_usize, 2, 0]); // one, two, zero
    /// let found = Trampoline::<Compare>::scoped(
    ///     |key, at| {
    ///         let (key, at) = unsafe { (*key.cast::<&str>(), *at.cast::<usize>()) };
    ///         key.cmp(words[at]) as c_int
    ///     },
    ///     |compare| unsafe {
    ///         let key = (&raw const *&"two").cast();
    ///         bsearch(key, order.as_ptr().cast(), order.len(), size_of::<usize>(), compare)
    ///     },
    /// )?;
    /// assert_eq!(found.cast(), &raw const order[1]);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error that contains the closure if there is no slot. Then `body` does not run.
    pub fn scoped<F, R>(closure: F, body: impl FnOnce(S::Pointer) -> R) -> Result<R, CreateError<F>>
    where
        S: Accepts<Callee<F, Shared, ThisThread, Loan<S>>>,
    {
        lend_and_resume::<S, F, Shared, ThisThread, R>(closure, body)
    }

    /// Lends a closure to C while `body` runs. Any thread may call it, several at once.
    ///
    /// Use it for C functions that call back from threads of their own, and stop these threads before they return.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// use std::sync::atomic::{AtomicI32, Ordering};
    ///
    /// let sum = AtomicI32::new(0);
    /// Trampoline::<unsafe extern "C" fn(i32)>::scoped_any(
    ///     |n| _ = sum.fetch_add(n, Ordering::Relaxed),
    ///     |add| std::thread::scope(|scope| {
    ///         for n in 1..=4 {
    ///             scope.spawn(move || unsafe { add(n) });
    ///         }
    ///     }),
    /// )?;
    /// assert_eq!(sum.into_inner(), 10);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`scoped`](Self::scoped).
    pub fn scoped_any<F, R>(closure: F, body: impl FnOnce(S::Pointer) -> R) -> Result<R, CreateError<F>>
    where
        F: Send + Sync,
        S: Accepts<Callee<F, Shared, AnyThread, Loan<S>>>,
    {
        lend_and_resume::<S, F, Shared, AnyThread, R>(closure, body)
    }

    /// Lends an `FnMut` closure to C while `body` runs. Only this thread may call it. Each call checks its thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// let mut sum = 0;
    /// let add = |n| sum += n;
    /// Trampoline::<unsafe extern "C" fn(i32)>::scoped_mut(add, |add| unsafe { add(1); add(2) })?;
    /// assert_eq!(sum, 3);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`scoped`](Self::scoped).
    pub fn scoped_mut<F, R>(closure: F, body: impl FnOnce(S::Pointer) -> R) -> Result<R, CreateError<F>>
    where
        S: Accepts<Callee<F, Exclusive, ThisThread, Loan<S>>>,
    {
        lend_and_resume::<S, F, Exclusive, ThisThread, R>(closure, body)
    }

    /// Lends an `FnMut` closure to C while `body` runs. Any thread may call it, one at a time. Each call checks that no other
    /// runs.
    ///
    /// # Errors
    ///
    /// As [`scoped`](Self::scoped).
    pub fn scoped_any_mut<F, R>(closure: F, body: impl FnOnce(S::Pointer) -> R) -> Result<R, CreateError<F>>
    where
        F: Send,
        S: Accepts<Callee<F, Exclusive, AnyThread, Loan<S>>>,
    {
        lend_and_resume::<S, F, Exclusive, AnyThread, R>(closure, body)
    }

    /// Lends an `FnOnce` closure to C while `body` runs. If C does not call it, it is dropped afterwards.
    ///
    /// # Errors
    ///
    /// As [`scoped`](Self::scoped).
    pub fn scoped_once<F, R>(closure: F, body: impl FnOnce(S::Pointer) -> R) -> Result<R, CreateError<F>>
    where
        S: Accepts<Callee<F, Once, ThisThread, Loan<S>>>,
    {
        lend_and_resume::<S, F, Once, ThisThread, R>(closure, body)
    }

    /// Lends an `FnOnce` closure to C while `body` runs. Any thread may call it, once.
    ///
    /// # Errors
    ///
    /// As [`scoped`](Self::scoped).
    pub fn scoped_any_once<F, R>(closure: F, body: impl FnOnce(S::Pointer) -> R) -> Result<R, CreateError<F>>
    where
        F: Send,
        S: Accepts<Callee<F, Once, AnyThread, Loan<S>>>,
    {
        lend_and_resume::<S, F, Once, AnyThread, R>(closure, body)
    }

    /// Reserves slots, so that this thread can create `count` more trampolines of this signature without system calls of this
    /// crate.
    ///
    /// Call it before the program enters a sandbox that allows almost no system calls. Without a stock, a program needs system
    /// calls for its first mapped trampoline, and again for every 254 more that are live, on Linux on x86-64. (Other targets need
    /// them more often or less often.) Some details:
    ///
    /// * The slots also serve other signatures whose slot's address travels in the same register or stack word.
    /// * The stock belongs to the process, so another thread may use it up. A thread that creates and drops holds back up to
    ///   128 slots.
    /// * If several threads create at once, one may wait for another that has a list of free slots in hand. It waits at most
    ///   50 ms, and then asks the system for more.
    /// * Closures larger than a word lie on the heap, and the allocator may make system calls.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// type Callback = unsafe extern "C" fn(i32) -> i32;
    /// Trampoline::<Callback>::reserve(1_000)?;
    /// // Enter the sandbox here.
    /// let all = (0..1_000).map(|n| Trampoline::<Callback>::new(move |m| n + m));
    /// let all = all.collect::<Result<Vec<_>, _>>()?;
    /// # assert_eq!(unsafe { (all[999].as_fn())(1) }, 1_000);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if there are not that many slots. Those that could be reserved stay in stock.
    #[doc(alias = "sandbox")]
    #[doc(alias = "seccomp")]
    pub fn reserve(count: usize) -> Result<(), crate::Error>
    where
        S: Signature,
    {
        match S::DELIVERY {
            Delivery::Slot(probe) => claim::reserve(count, probe),
            Delivery::UserData => Ok(()),
        }
    }
}

impl<S: Signature, T: Threads> Trampoline<S, T> {
    /// The C function pointer.
    ///
    /// It is valid until the trampoline is dropped.
    pub fn as_fn(&self) -> S::Pointer {
        let entry = match S::DELIVERY {
            Delivery::Slot(_) => self.claimed.thunk(),
            Delivery::UserData => self.claimed.entry(),
        };
        // SAFETY: the slot was claimed with the entry points of this signature.
        unsafe { S::pointer(entry, self.claimed.user_data()) }
    }

    /// The C function pointer as `S` declares it, which may be safe to call.
    ///
    /// Use it for bindings that declare a callback as a safe function pointer, as `libc` does for `atexit` and `clone`. Only
    /// [`leak`](Self::leak) makes such a pointer without `unsafe`, because a trampoline may be dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::ffi::c_int;
    /// # use tramp_rt::Trampoline;
    /// // From a `-sys` crate:
    /// fn apply(scale: extern "C" fn(c_int) -> c_int, n: c_int) -> c_int {
    /// #   scale(n)
    /// }
    ///
    /// let factor = 3;
    /// let scale = Trampoline::<extern "C" fn(c_int) -> c_int>::new(move |n| factor * n)?;
    /// // SAFETY: `apply` calls it before it returns, and does not keep it.
    /// assert_eq!(apply(unsafe { scale.as_declared() }, 14), 42);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// * Nobody calls the pointer after the trampoline is dropped, and no call of an `Fn` runs then. The other
    ///   [rules](#misuse) are checked.
    /// * Without the feature `std`, which checks them, only this thread calls the pointer of a [`ThisThread`] closure.
    pub unsafe fn as_declared(&self) -> S::Declared {
        // SAFETY: the slot was claimed with the entry points of this signature. Nobody calls the pointer after the slot is
        // released: the first condition of `as_declared`.
        unsafe { S::declared(self.claimed.entry(), self.claimed.user_data()) }
    }

    /// Leaks the trampoline, so that the pointer is valid for the rest of the process.
    ///
    /// If `S` is a safe function pointer, the result is one, too:
    ///
    /// ```
    /// # use tramp_rt::Trampoline;
    /// let answer: extern "C" fn() -> i32 = Trampoline::<extern "C" fn() -> i32>::new(|| 42)?.leak();
    /// assert_eq!(answer(), 42);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// Without the feature `std`, nothing checks which thread calls a [`ThisThread`] closure. There, `leak` returns
    /// `S::Pointer` for such a trampoline, which is `unsafe` to call.
    #[cfg(feature = "std")]
    pub fn leak(self) -> S::Declared {
        self.into_declared()
    }

    fn into_declared(self) -> S::Declared {
        let claimed = core::mem::ManuallyDrop::new(self).claimed;
        // SAFETY: the slot was claimed with the entry points of this signature, and nothing can release it any more.
        unsafe { S::declared(claimed.entry(), claimed.user_data()) }
    }

    /// Drops the trampoline although a call of its closure seems to run, because C has left that call by `longjmp`.
    ///
    /// If C [leaves a call by a jump](crate::guide::jumps), the call of an `FnMut` or of a counted `Fn` never seems to end.
    /// An ordinary drop takes effect at the end of the call, which never comes. This function drops the closure and the slot
    /// immediately. If C left no call, it does the same as an ordinary drop.
    ///
    /// # Safety
    ///
    /// No call of the closure runs: each call has returned, or C has left it.
    pub unsafe fn drop_abandoned(self) {
        let claimed = core::mem::ManuallyDrop::new(self).claimed;
        if let Some(counter) = claimed.counter() {
            counter.close();
            // SAFETY: the counter is closed, and no call that is counted will return.
            return unsafe { counted::end(counter) };
        }
        // SAFETY: the trampoline owns its slot and is forgotten, and no call uses the closure.
        unsafe { end(claimed) }
    }

    /// The owner without its signature, after the pointer has been given out.
    pub(crate) fn without_signature(self) -> Trampoline<(), T> {
        Trampoline { claimed: core::mem::ManuallyDrop::new(self).claimed, signature: PhantomData }
    }

    pub(crate) fn into_fn(self) -> S::Pointer {
        core::mem::ManuallyDrop::new(self).as_fn()
    }
}

/// Without std, `leak` returns a safe function pointer only if no call has to check its thread.
#[cfg(not(feature = "std"))]
impl<S: Signature> Trampoline<S, AnyThread> {
    /// Leaks the trampoline, so that the pointer is valid for the rest of the process. It is safe to call if `S` is.
    pub fn leak(self) -> S::Declared {
        self.into_declared()
    }
}

#[cfg(not(feature = "std"))]
impl<S: Signature> Trampoline<S, ThisThread> {
    /// Leaks the trampoline, so that the pointer is valid for the rest of the process, for calls from this thread.
    ///
    /// Calls are `unsafe`, because nothing checks the thread without the feature `std`.
    pub fn leak(self) -> S::Pointer {
        self.into_fn()
    }
}

impl<S, T: Threads> Trampoline<S, T> {
    /// Whether the trampoline has a direct slot. Tests and measurements ask, because they have to know what they run.
    #[doc(hidden)]
    pub fn is_direct(&self) -> bool {
        self.claimed.is_direct()
    }

    /// The number of calls that are running, if calls of the closure are [counted](Trampoline::counted).
    ///
    /// If C has unregistered the pointer and the number is 0, no call will begin any more. To wait for calls on other threads,
    /// wait for this before you drop the trampoline.
    pub fn running(&self) -> Option<usize> {
        self.claimed.counter().map(Counter::inside)
    }
}

impl<S, T: Threads> Drop for Trampoline<S, T> {
    #[inline]
    fn drop(&mut self) {
        let claimed = self.claimed;
        if claimed.is_direct_unseen() {
            // SAFETY: the trampoline owns its slot, and is not used again.
            unsafe { end(claimed) }
        } else {
            // SAFETY: the trampoline owns its slot, and is not used again.
            unsafe { drop_any::<T>(claimed) }
        }
    }
}

/// Ends a closure in a slot of any kind, or leaves that to a call that runs.
///
/// # Safety
/// The caller owns the slot, and neither it nor a copy of it ends it again.
#[inline(never)]
unsafe fn drop_any<T: Threads>(claimed: Claim) {
    if claimed.is_seen() {
        if let Some(counter) = claimed.counter() {
            // SAFETY: the trampoline is the counter's owner, and is not used again.
            return unsafe { counted::orphan(counter) };
        }
        if claimed.orphan(T::ONLY_ONE) {
            return; // the running call will end it
        }
    }
    // SAFETY: the trampoline owns its slot, and is not used again.
    unsafe { end(claimed) }
}

/// Creates a trampoline whose calls are counted.
fn own_counted<S, F, T>(closure: F) -> Result<Trampoline<S, T>, CreateError<F>>
where
    F: 'static,
    T: Permits<F, Shared>,
    S: Accepts<Callee<F, Shared, T, Counted>>,
{
    const {
        assert!(
            matches!(S::DELIVERY, Delivery::Slot(_)),
            "user data has no slot with a counter; take a `*mut c_void` instead of `UserData`, or another constructor"
        );
    }
    let Delivery::Slot(probe) = S::DELIVERY else { unreachable!("see above") };
    let counter = match claim::claim_counted(S::CODE, probe) {
        Ok(counter) => counter,
        Err(error) => return Err(CreateError { closure, error }),
    };
    match Callee::<F, Shared, T, Counted>::store_counted(counter, closure, Callee::new) {
        Ok(claimed) => {
            // SAFETY: claimed with this code and bound, and nobody has got the entry. The counter lets no late call in.
            unsafe { claimed.tell(S::CODE) };
            counter.open();
            Ok(Trampoline { claimed, signature: PhantomData })
        }
        Err((error, closure)) => {
            // SAFETY: the counter was claimed above and not opened.
            unsafe { claim::counted::release(counter) };
            Err(CreateError { closure, error })
        }
    }
}

/// Gives a slot back and drops its closure.
///
/// # Safety
/// The caller owns the slot, and neither it nor a copy of it ends it again.
#[inline]
unsafe fn end(claimed: Claim) {
    // The context is read only for an owned closure. If the closure lies in the word, some bytes may never have been written.
    let owned = claimed.is_owned().then(|| claimed.context());
    // The slot is released first, so that a late call meets the poison and not a half-dropped closure.
    // SAFETY: the caller of `end` owns the slot, and nothing else releases it: the conditions of `end`.
    let is_released = unsafe { claimed.release() };
    if let (true, Some(context)) = (is_released, owned) {
        // SAFETY: `Callee::store` marked the claim, and the context was read before the release.
        unsafe { storage::drop_owned(context) }
    }
}

impl<S, T: Threads> fmt::Debug for Trampoline<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trampoline")
            .field("entry", &self.claimed.entry())
            .field("direct", &self.claimed.is_direct())
            .finish()
    }
}

/// Creates a trampoline for a closure. `make` makes the closure of `parts` when nothing else can fail. If something fails before
/// that, the error contains the parts.
pub(crate) fn own<S, F, A, T, L, P>(parts: P, make: impl FnOnce(P) -> F) -> Result<Trampoline<S, T>, CreateError<P>>
where
    S: Accepts<Callee<F, A, T, L>>,
    F: 'static,
    A: Access,
    T: Permits<F, A>,
    L: Lease + Default,
{
    // SAFETY: the closure borrows nothing.
    unsafe { own_while_alive(parts, make) }
}

/// Does the same as [`own`] for a closure that may borrow.
///
/// # Safety
/// The trampoline is dropped while what the closure borrows is still there.
pub(crate) unsafe fn own_while_alive<S, F, A, T, L, P>(
    parts: P,
    make: impl FnOnce(P) -> F,
) -> Result<Trampoline<S, T>, CreateError<P>>
where
    S: Accepts<Callee<F, A, T, L>>,
    A: Access,
    T: Permits<F, A>,
    L: Lease + Default,
{
    let make = |parts| {
        let closure = make(parts);
        // SAFETY: the lease is of no scope, the threads are bound above, and the closure lives as long as the trampoline: the
        // condition of `own_while_alive`.
        unsafe { Callee::<F, A, T, L>::with_lease(closure, L::default()) }
    };
    let Delivery::Slot(probe) = S::DELIVERY else {
        return match Callee::store_by_data(S::CODE.handler, parts, make) {
            Ok(claimed) => Ok(Trampoline { claimed, signature: PhantomData }),
            Err((error, parts)) => Err(CreateError { closure: parts, error }),
        };
    };
    let tag = direct::tag_of::<(S::Identity, Callee<F, A, T, L>)>(T::in_new_tag());
    let claimed = match claim::claim(S::CODE, tag, probe) {
        Ok(claimed) => claimed,
        Err(error) => return Err(CreateError { closure: parts, error }),
    };
    let kept = Callee::store(claimed, parts, make);
    if let Ok(bound) = &kept {
        // SAFETY: claimed with this code and bound, and nobody has got the entry.
        unsafe { bound.tell(S::CODE) };
    }
    finish(claimed, kept)
}

/// The trampoline for a claimed slot, or its release if the callee could not be stored.
#[inline]
fn finish<S, T: Threads, P>(
    claimed: Claim,
    kept: Result<Claim, (crate::Error, P)>,
) -> Result<Trampoline<S, T>, CreateError<P>> {
    match kept {
        Ok(claimed) => Ok(Trampoline { claimed, signature: PhantomData }),
        Err((error, parts)) => {
            // SAFETY: the slot was claimed for this trampoline, which was not created. Nobody has got the entry.
            unsafe { claimed.release() };
            Err(CreateError { closure: parts, error })
        }
    }
}
