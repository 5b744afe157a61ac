//! Signatures, and the code that the compiler makes for a closure under one of them.
//!
//! The closure's C arguments stay where C put them. An ordinary `extern` function runs the closure. It has the same signature and
//! one more argument, the slot. In every C calling convention, one more argument moves none of the others:
//!
//! ```text
//!   C calls        int32_t (*)(A a, B b)
//!   direct thunk   extern "C" fn thunk<F, INDEX>(a: A, b: B) -> i32               the slot is a constant
//!   handler        extern "C" fn handler<F>(a: A, b: B, slot: &Slot) -> i32       the slot comes from a mapped thunk
//!   probe          extern "C" fn probe(_: A, _: B, slot: usize) -> i32            tells where the mapped thunk puts it
//! ```
//!
//! [`signature!`](crate::__private::signature) writes all three once, for function pointer types without lifetimes and for the
//! types that `#[trampoline]` names.
//!
//! This layer knows `arch`, which calls the probe and reads its answer. It claims no slot and keeps no closure.

#[cfg(all(feature = "mapped", not(loom)))]
mod ask;
#[cfg(feature = "mapped")]
pub(crate) mod dynamic;
pub(crate) mod panic;
pub(crate) mod probe;
#[cfg(feature = "mapped")]
pub(crate) mod va_args;

use core::ffi::c_void;
use core::ptr::NonNull;

use self::panic::Panics;
use self::probe::Probe;

/// How many direct thunks a closure type can have under a signature.
pub const DIRECT_MAX: usize = 8;

/// How many it has unless the signature says otherwise. docs/decisions/direct-thunks.md has the measurements.
pub const DIRECT_DEFAULT: usize = 4;

/// A type of C function pointers that [`Trampoline<S>`](crate::Trampoline) can create.
///
/// These types implement it:
///
/// * function pointer types of up to 16 arguments, with every calling convention that the target has, except types with a
///   lifetime inside, such as `fn(&str)`;
/// * types that [`#[trampoline]`](macro@crate::trampoline) names, which may have lifetimes and more arguments;
/// * an `Option` of such a type, because bindings declare a function pointer that may be NULL as an `Option`. The pointer of a
///   trampoline is always `Some`.
///
/// # Examples
///
/// ```
/// # use std::ffi::c_int;
/// # use tramp_rt::Trampoline;
/// // From bindgen, for `typedef int (*scale_fn)(int);` and `int apply(scale_fn scale, int n);`
/// # #[allow(non_camel_case_types)]
/// type scale_fn = Option<unsafe extern "C" fn(arg1: c_int) -> c_int>;
/// # unsafe extern "C" fn apply(scale: scale_fn, n: c_int) -> c_int { unsafe { scale.unwrap()(n) } }
///
/// let factor = 3;
/// let scale = Trampoline::<scale_fn>::new(move |n| factor * n)?;
/// assert_eq!(unsafe { apply(scale.as_fn(), 14) }, 42);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// # Safety
///
/// Do not implement it. Only this crate and [`#[trampoline]`](macro@crate::trampoline) do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a C callback type",
    label = "not a C callback type that `Trampoline` knows",
    note = "write an `extern` function pointer's, as in `Trampoline::<unsafe extern \"C\" fn(c_int) -> c_int>`; `fn(c_int)` is a Rust function",
    note = "a type with references in it, with more than 16 arguments, or with more than 8 in front of `...`, needs a name: `#[trampoline] type Name = unsafe extern \"C\" fn(&T);`, then `Trampoline::<Name>`"
)]
pub unsafe trait Signature {
    /// The function pointer of a trampoline. It is `unsafe` to call, because the trampoline may be dropped.
    type Pointer: Copy;
    /// The function pointer of a leaked trampoline: as declared, `unsafe` or not.
    type Declared: Copy;
    /// The part of a direct slot's tag that stands for the signature. Signatures with the same code have the same.
    #[doc(hidden)]
    type Identity;
    /// How a scope handles a panic. If C gets a value, the panic is caught and the scope resumes it.
    #[doc(hidden)]
    type Panics: Panics;
    #[doc(hidden)]
    const DELIVERY: Delivery;
    /// The pointer for C, made of a function and its user data.
    ///
    /// # Safety
    /// * `entry` is a function of this signature: of a [`Code`], or a thunk that leads to its handler.
    #[doc(hidden)]
    unsafe fn pointer(entry: *const (), data: UserData) -> Self::Pointer;
    /// The same pointer as declared, which may be safe to call.
    ///
    /// # Safety
    /// * `entry` is a function of this signature, as for [`pointer`](Self::pointer).
    /// * While anyone may call it, it stays bound to its closure: nothing releases its slot or frees what `data` leads to.
    #[doc(hidden)]
    unsafe fn declared(entry: *const (), data: UserData) -> Self::Declared;
}

/// How a call finds its closure.
#[derive(Debug, Clone, Copy)]
pub enum Delivery {
    /// Through a slot, whose address travels in the place that this probe finds.
    Slot(&'static Probe),
    /// Through C's user data.
    UserData,
}

/// A signature whose arguments and result fit the closure in the callee `K`.
///
/// `Accepts<Callee<F, Shared, _>>` means that `F` is a matching `Fn`, `Accepts<Callee<F, Exclusive, _>>` a matching
/// `FnMut` and `Accepts<Callee<F, Once, _>>` a matching `FnOnce`.
///
/// # Safety
///
/// Do not implement it. Only [`#[trampoline]`](macro@crate::trampoline) does.
#[diagnostic::on_unimplemented(
    message = "`Trampoline` cannot make a `{Self}` of this",
    label = "either the type is no callback type that it knows, or this is no closure of the kind that the constructor takes",
    note = "a closure that changes what it captured goes to a constructor that ends in `mut`, such as `new_mut`; one that moves it out, to one that ends in `once`",
    note = "the type is an `extern` function pointer's, as in `Trampoline::<unsafe extern \"C\" fn(c_int) -> c_int>`; `fn(c_int)` is a Rust function",
    note = "a type with references in it, with more than 16 arguments, or with more than 8 in front of `...`, needs a name: `#[trampoline] type Name = unsafe extern \"C\" fn(&T);`, then `Trampoline::<Name>`",
    note = "for `...` a closure takes `VaArgs<'_>`, and in front of it integers, floating-point numbers and pointers",
    note = "an `unsafe fn` is no closure; write one that calls it inside `unsafe`"
)]
pub unsafe trait Accepts<K>: Signature {
    #[doc(hidden)]
    const CODE: &'static Code;
}

/// C's user data, a `void *`.
///
/// In a signature, `UserData` marks the argument in which C passes its user data. The closure travels through it, needs no
/// slot, and does not get this argument. Elsewhere `UserData` is an ordinary `*mut c_void`.
///
/// # Examples
///
/// ```
/// # use std::ffi::{c_int, c_void};
/// use tramp_rt::{Trampoline, UserData, trampoline};
///
/// // typedef int (*visit_fn)(void *data, int value);
/// #[trampoline]
/// type Visit = unsafe extern "C" fn(data: UserData, value: c_int) -> c_int;
/// # unsafe extern "C" fn each(visit: Visit, data: *mut c_void) { unsafe { visit.0(data, 40); visit.0(data, 2); } }
///
/// let mut sum = 0;
/// let visit = |value| { sum += value; 0 };
/// Trampoline::<Visit>::scoped_mut(visit, |(visit, data)| unsafe { each(Visit(visit), data) })?;
/// assert_eq!(sum, 42);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// Where C's user data has another type, write the type: `UserData<*mut u8>` for libpcap's `u_char *`, `UserData<isize>` for
/// Windows' `LPARAM`. It is a pointer to any type, or an `isize` or `usize`:
///
/// ```
/// # use tramp_rt::{Trampoline, UserData, trampoline};
/// // BOOL CALLBACK EnumProc(HWND window, LPARAM data);
/// #[trampoline]
/// type EnumProc = unsafe extern "system" fn(window: usize, data: UserData<isize>) -> i32;
/// # unsafe fn enum_windows(f: unsafe extern "system" fn(usize, isize) -> i32, data: isize) -> i32 { unsafe { f(7, data) & f(8, data) } }
///
/// let mut windows = Vec::new();
/// let add = |window| { windows.push(window); 1 };
/// Trampoline::<EnumProc>::scoped_mut(add, |(add, data)| unsafe { enum_windows(add, data) })?;
/// assert_eq!(windows, [7, 8]);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// See [`#[trampoline]`](macro@crate::trampoline#user-data).
pub type UserData<P = *mut c_void> = P;

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for *mut T {}
    impl<T> Sealed for *const T {}
    impl Sealed for usize {}
    impl Sealed for isize {}
}

/// A type that C has for user data.
#[diagnostic::on_unimplemented(
    message = "C cannot pass user data in a `{Self}`",
    label = "not a pointer, and not as wide as one",
    note = "user data is a raw pointer to any type with a size, or an `isize` or `usize`: `UserData<*mut u8>`"
)]
pub trait AsUserData: sealed::Sealed + Copy {
    /// The user data in C's type.
    fn of(data: UserData) -> Self;
    /// The user data that C passes.
    fn data(self) -> UserData;
}

impl<T> AsUserData for *mut T {
    #[inline(always)]
    fn of(data: UserData) -> Self {
        data.cast()
    }
    #[inline(always)]
    fn data(self) -> UserData {
        self.cast()
    }
}

impl<T> AsUserData for *const T {
    #[inline(always)]
    fn of(data: UserData) -> Self {
        data.cast_const().cast()
    }
    #[inline(always)]
    fn data(self) -> UserData {
        self.cast_mut().cast()
    }
}

// C keeps only the number, so the provenance is exposed and found again.
impl AsUserData for usize {
    #[inline(always)]
    fn of(data: UserData) -> Self {
        data.expose_provenance()
    }
    #[inline(always)]
    fn data(self) -> UserData {
        core::ptr::with_exposed_provenance_mut(self)
    }
}

#[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "the bits are what counts")]
impl AsUserData for isize {
    #[inline(always)]
    fn of(data: UserData) -> Self {
        usize::of(data) as Self
    }
    #[inline(always)]
    fn data(self) -> UserData {
        (self as usize).data()
    }
}

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The promise that the parts of a signature belong together. A macro that writes unsafe code asks its invoker for it.
#[derive(Debug)]
pub struct Promise(());

impl Promise {
    /// Makes the promise.
    ///
    /// # Safety
    /// For the macro that gets this promise:
    /// * Its pointer types are function pointers of its signature, of the convention, arguments and result that it names.
    /// * `pointer` is `unsafe` to call. So is `declared`, unless any code may call it at any time.
    /// * An argument in brackets is a pointer in which C passes the user data that it was given.
    ///
    /// # Panics
    /// Panics if `version` is not this crate's, which is an error at compile time. Code that was written for another version may
    /// use the same names for other things.
    #[track_caller]
    pub const unsafe fn new(version: &str) -> Self {
        let (theirs, ours) = (version.as_bytes(), VERSION.as_bytes());
        let mut at = 0;
        while at < ours.len() && theirs.len() == ours.len() && theirs[at] == ours[at] {
            at += 1;
        }
        assert!(
            at == ours.len(),
            "this attribute is of another version than `tramp-rt`: write `#[tramp_rt::trampoline]`, of the crate that it names"
        );
        Self(())
    }
}

/// The code that the compiler made for one closure type under one signature.
#[derive(Debug)]
pub struct Code {
    /// Thunk `i` runs the closure of direct slot `i`.
    pub direct: [*const (); DIRECT_MAX],
    /// How many of them there are; the rest are null.
    pub direct_count: usize,
    /// Runs the closure of a mapped slot. It takes the slot's address as one more argument after C's. With user data, C calls
    /// this function and there is no thunk.
    pub handler: *const (),
    /// Tells a mapped slot what it has to know of the callee that it was just bound to, if anything. The argument is the slot.
    pub tell: Option<unsafe fn(NonNull<()>)>,
}

// C's function pointers may be NULL, so bindgen and the `-sys` crates write `Option<unsafe extern "C" fn(…)>`, mostly under a
// name. A user cannot take such a type apart.
// SAFETY: the pointers and the probe are those of the signature inside.
#[diagnostic::do_not_recommend]
unsafe impl<S: Signature> Signature for Option<S> {
    type Pointer = Option<S::Pointer>;
    type Declared = Option<S::Declared>;
    type Identity = S::Identity;
    type Panics = S::Panics;
    const DELIVERY: Delivery = S::DELIVERY;
    #[inline]
    unsafe fn pointer(entry: *const (), data: UserData) -> Self::Pointer {
        // SAFETY: the entry points of an `Option` are those of `S`, so `entry` is one of `S`.
        Some(unsafe { S::pointer(entry, data) })
    }
    #[inline]
    unsafe fn declared(entry: *const (), data: UserData) -> Self::Declared {
        // SAFETY: the entry points of an `Option` are those of `S`, so `entry` is one of `S`. It stays bound as long.
        Some(unsafe { S::declared(entry, data) })
    }
}

// SAFETY: the entry points are those of the pointer inside.
#[diagnostic::do_not_recommend]
unsafe impl<S: Accepts<K>, K> Accepts<K> for Option<S> {
    const CODE: &'static Code = S::CODE;
}

/// A trait that no type implements. It makes rustc print a better error message.
///
/// For `unsafe extern "C" fn(&T)` rustc would see one implementation of [`Signature`] that fits except for the lifetime, and say
/// that it is "not general enough". If there are two implementations, rustc looks closer, finds that neither fits, and prints the
/// advice of the trait. [`Accepts`] has only one, because it is about closures too, and rustc 1.95 crashes when it looks closer
/// at the lifetimes of closures. So the constructors ask for both traits.
#[doc(hidden)]
pub trait Impossible {
    /// There is none.
    const VALUE: core::convert::Infallible;
}

// SAFETY: no type implements `Impossible`, so nothing uses this implementation.
#[doc(hidden)]
#[diagnostic::do_not_recommend]
unsafe impl<T: Impossible> Signature for T {
    type Pointer = ();
    type Declared = ();
    type Identity = ();
    type Panics = self::panic::Uncaught;
    const DELIVERY: Delivery = match T::VALUE {};
    unsafe fn pointer(_: *const (), _: UserData) {
        match T::VALUE {}
    }
    unsafe fn declared(_: *const (), _: UserData) {
        match T::VALUE {}
    }
}

/// A way to name the function pointer of one that goes with user data.
#[doc(hidden)]
pub trait WithData {
    /// The function pointer.
    type Function;
}

impl<P, D> WithData for (P, D) {
    type Function = P;
}

/// `T` itself. For a user's type behind this name, rustc does not check whether it is FFI-safe. It checks that once, where the
/// user declares the callback.
#[doc(hidden)]
pub type Same<T> = T;

/// A way to name `!`, which stable Rust accepts only as a result.
#[doc(hidden)]
pub trait Returns {
    /// The result.
    type Value;
}

impl<R> Returns for fn() -> R {
    type Value = R;
}

#[doc(hidden)]
pub type Never = <fn() -> ! as Returns>::Value;
