//! Variable arguments: what a closure receives for C's `...`.
//!
//! ```text
//!   C calls     int (*)(void *context, const char *format, ...)
//!   thunk       of the stack's table, leads to the spill routine
//!   handler     extern "C" fn handler<F>(spilled, stack, slot: &Slot) -> c_int
//!   closure     Fn(*mut c_void, *const c_char, VaArgs<'_>) -> c_int
//! ```
//!
//! The handler does not have C's signature. So there is no probe to call, and the compiler can make no direct thunk.
//! `arch::va_list` says where the arguments are. This file says which types they can have.

use alloc::ffi::CString;
use alloc::vec;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::arch::va_list::{
    Argument, Cursor, Named, ReturnedDouble, ReturnedFloat, VaList, returned_double, returned_float,
};

/// The variable arguments of one call: what a closure has for C's `...`.
///
/// A function cannot find out how many variable arguments it got, nor their types. The caller promises both, for example by a
/// format string, a count, or a last argument of zero. So reading an argument is `unsafe`.
///
/// # Examples
///
/// ```
/// use std::ffi::{c_char, c_int, c_void};
/// use tramp_rt::Trampoline;
///
/// // int (*sum)(void *context, int count, ...), of `count` ints
/// type Sum = unsafe extern "C" fn(context: *mut c_void, count: c_int, ...) -> c_int;
///
/// # #[cfg(any(target_os = "linux", windows))] {
/// let offset = 30;
/// let sum = Trampoline::<Sum>::new(move |_, count, mut args| {
///     // SAFETY: C passes as many ints as it says.
///     offset + (0..count).map(|_| unsafe { args.next::<c_int>() }).sum::<c_int>()
/// })?;
/// let sum = sum.as_fn();
/// // SAFETY: two ints, and the trampoline is there.
/// assert_eq!(unsafe { sum(std::ptr::null_mut(), 2, 5, 7) }, 42);
/// # }
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// A message, formatted by C:
///
/// ```
/// use std::ffi::{CStr, CString, c_char, c_int, c_void};
/// use std::sync::{Arc, Mutex};
/// use tramp_rt::trampoline;
///
/// #[trampoline]
/// type Message = unsafe extern "C" fn(context: *mut c_void, format: *const c_char, ...);
///
/// # #[cfg(any(target_os = "linux", windows))] {
/// let log = Arc::new(Mutex::new(Vec::new()));
/// let kept = log.clone();
/// let message = tramp_rt::Trampoline::<Message>::new(move |_, format, args| {
///     // SAFETY: C passes a format and what it asks for.
///     kept.lock().unwrap().extend(unsafe { args.format(format) });
/// })?;
/// let (format, what) = (c"%s: %d of %.1f".as_ptr(), c"disk".as_ptr());
/// // SAFETY: the arguments are those for which the format asks.
/// unsafe { message.as_fn()(std::ptr::null_mut(), format, what, 7 as c_int, 9.5_f64) };
/// assert_eq!(*log.lock().unwrap(), [c"disk: 7 of 9.5".to_owned()]);
/// # }
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// # How long it lasts
///
/// The arguments lie in the frame of the call, so they are valid until the call returns. `'call` is that time, so the compiler
/// rejects code that keeps a `VaArgs` longer.
///
/// ```compile_fail
/// # use std::ffi::{c_int, c_void};
/// # use tramp_rt::{Trampoline, VaArgs};
/// type Message = unsafe extern "C" fn(c_int, ...);
/// let mut kept = None;
/// Trampoline::<Message>::scoped_mut(|_, args: VaArgs<'_>| kept = Some(args), |_| ());
/// ```
///
/// # Platforms
///
/// Variadic callbacks work wherever there are [mapped](crate#platforms) trampolines. They have no direct ones, because Rust 1.85
/// cannot define a function that takes `...`. Elsewhere creating one is [`Error::Unsupported`](crate::Error::Unsupported).
pub struct VaArgs<'call> {
    list: VaList,
    /// The copy that C's functions read from and change.
    lent: VaList,
    /// The memory behind the list belongs to the call.
    call: PhantomData<&'call mut [u8]>,
}

impl VaArgs<'_> {
    /// Reads the next argument, as C's `va_arg(list, T)`.
    ///
    /// C promotes narrow types behind `...`, so no `float`, `short`, `char` or `_Bool` arrives. `T` is one of the types
    /// that do arrive. [`VaArg`] lists them.
    ///
    /// # Safety
    ///
    /// * C has passed one more argument than were read.
    /// * The argument has the C type that `T` stands for. Two other cases are allowed: both types differ only in
    ///   signedness and can both represent the value; or both are pointers. Any other `T` is read from the wrong place,
    ///   and so are the arguments behind it, because most processors count integers and floating-point numbers
    ///   separately, and on some a wider type takes two places.
    #[inline]
    pub unsafe fn next<T: VaArg>(&mut self) -> T {
        // SAFETY: there is one more argument, of this type: the conditions of `next`.
        unsafe { T::read(self) }
    }

    /// The arguments that were not read yet, as C's `va_list`: what C's `vfprintf`, `vsyslog` and the like take as their last
    /// argument.
    ///
    /// It is a fresh copy each time, as by `va_copy`. What C reads of it, [`next`](Self::next) reads again.
    ///
    /// A `va_list` is another type on each processor, but all are passed as one pointer. So declare the parameter as
    /// `*mut c_void`, or cast to the pointer that bindings have for it.
    ///
    /// ```
    /// # use std::ffi::{c_char, c_int, c_void};
    /// # use tramp_rt::Trampoline;
    /// unsafe extern "C" {
    ///     // int vsprintf(char *buffer, const char *format, va_list list);
    ///     fn vsprintf(buffer: *mut c_char, format: *const c_char, list: *mut c_void) -> c_int;
    /// }
    ///
    /// # #[cfg(target_os = "linux")] {
    /// type Print = unsafe extern "C" fn(*mut c_char, *const c_char, ...) -> c_int;
    /// let print = Trampoline::<Print>::new(|buffer, format, mut args| {
    ///     // SAFETY: C passes a large enough buffer, a format, and what it asks for.
    ///     unsafe { vsprintf(buffer, format, args.as_va_list()) }
    /// })?;
    /// let mut buffer = [0; 20];
    /// let (format, word) = (c"%d %s".as_ptr(), c"two".as_ptr());
    /// let bytes = unsafe { print.as_fn()(buffer.as_mut_ptr(), format, 4 as c_int, word) };
    /// assert_eq!((bytes, buffer[0] as u8), (5, b'4'));
    /// # }
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// The pointer is good until `self` is used again, moved or dropped. Code that reads from it makes the promise of
    /// [`next`](Self::next).
    #[inline]
    pub fn as_va_list(&mut self) -> *mut c_void {
        self.lent = self.list;
        self.lent.as_argument()
    }

    /// Formats the arguments that were not read yet by C's `vsnprintf`. Returns `None` if `vsnprintf` fails, for
    /// example because the locale cannot write a wide character.
    ///
    /// A text of up to 255 bytes is written to the stack first. For a longer text, `vsnprintf` runs twice. A `%c` of
    /// zero ends the text.
    ///
    /// # Safety
    ///
    /// * `format` is a C string. It asks for no more arguments than there are, and for the types that C has passed.
    /// * Each `%s` gets a C string, and each `%n` gets a pointer that can be written.
    #[inline] // a program that does not format needs no `vsnprintf`
    pub unsafe fn format(mut self, format: *const c_char) -> Option<CString> {
        let mut short = [0; 256];
        // SAFETY: the buffer has that many bytes. The format and the arguments satisfy the conditions of `format`.
        let bytes = unsafe { self.print(&mut short, format)? };
        if bytes < short.len() {
            return Some(until_nul(&short));
        }
        let mut long = vec![0; bytes.checked_add(1)?];
        // SAFETY: the buffer has that many bytes. The format and the arguments satisfy the conditions of `format`.
        unsafe { self.print(&mut long, format)? };
        Some(until_nul(&long))
    }

    /// Returns the length of the whole text, even if only a part has room.
    ///
    /// # Safety
    /// * The conditions of [`format`](Self::format) hold.
    #[inline]
    unsafe fn print(&mut self, buffer: &mut [u8], format: *const c_char) -> Option<usize> {
        // SAFETY: that many bytes can be written. The format and the arguments satisfy the conditions of `print`.
        let bytes = unsafe { vsnprintf(buffer.as_mut_ptr().cast(), buffer.len(), format, self.as_va_list()) };
        usize::try_from(bytes).ok()
    }
}

fn until_nul(text: &[u8]) -> CString {
    CStr::from_bytes_until_nul(text).unwrap_or_default().to_owned()
}

impl fmt::Debug for VaArgs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaArgs").finish_non_exhaustive()
    }
}

#[cfg(not(target_env = "msvc"))]
unsafe extern "C" {
    fn vsnprintf(buffer: *mut c_char, bytes: usize, format: *const c_char, list: Argument) -> c_int;
}

/// Microsoft's library has no function of this name. Its headers define it by this function.
#[cfg(target_env = "msvc")]
#[inline]
unsafe fn vsnprintf(buffer: *mut c_char, bytes: usize, format: *const c_char, list: Argument) -> c_int {
    /// `_CRT_INTERNAL_PRINTF_STANDARD_SNPRINTF_BEHAVIOR`, from `corecrt_stdio_config.h`.
    const AS_IN_C: u64 = 1 << 1;
    unsafe extern "C" {
        fn __stdio_common_vsprintf(
            options: u64,
            buffer: *mut c_char,
            bytes: usize,
            format: *const c_char,
            locale: *const c_void,
            list: Argument,
        ) -> c_int;
    }
    // SAFETY: the conditions are those of `vsnprintf`. NULL stands for the thread's locale.
    unsafe { __stdio_common_vsprintf(AS_IN_C, buffer, bytes, format, core::ptr::null(), list) }
}

mod sealed {
    use super::VaArgs;

    pub trait Sealed: Sized {
        /// Reads the next argument.
        ///
        /// # Safety
        /// * There is one, and it has this type.
        unsafe fn read(args: &mut VaArgs<'_>) -> Self;
    }
}

/// A type that C passes behind `...`, after its default promotions (C17 §6.5.2.2).
///
/// | C passes | it arrives as | read |
/// |---|---|---|
/// | `char`, `short`, `_Bool`, `int`, a narrow `enum` | `int` | `c_int`, which is `i32` |
/// | `unsigned` | `unsigned` | `c_uint`, which is `u32` |
/// | `long`, `long long`, `size_t`, `intmax_t` | themselves | `c_long`, `c_longlong`, `usize`, `i64` and so on |
/// | `float`, `double` | `double` | `f64` |
/// | any pointer | itself | `*const T` or `*mut T` |
/// | `long double`, a struct or a union | itself | not in Rust: hand [`as_va_list`](VaArgs::as_va_list) to a C function |
///
/// The types `f32`, `i8`, `u8`, `i16`, `u16` and `bool` never arrive, so they are no `VaArg`.
///
/// ```compile_fail
/// # use tramp_rt::VaArgs;
/// unsafe fn first(mut args: VaArgs<'_>) -> f32 {
///     unsafe { args.next::<f32>() }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "C passes no `{Self}` among variable arguments",
    label = "no type that C's default promotions leave as it is",
    note = "C promotes `float` to `double`, and `char`, `short` and `_Bool` to `int`: read an `f64` or a `c_int`, and convert",
    note = "a struct by value cannot be read in Rust: hand `as_va_list()` to a C function"
)]
pub trait VaArg: sealed::Sealed {}

/// An argument in front of C's `...`. C passes it unchanged.
///
/// # Safety
///
/// Only this crate implements it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in front of `...`",
    label = "no integer, floating-point number or pointer",
    note = "take structs and unions by a pointer; a callback whose C side passes one by value in front of `...` needs a C function between the two"
)]
pub unsafe trait NamedArgument: Sized {
    /// Reads the next argument.
    ///
    /// # Safety
    /// * It has this type.
    #[doc(hidden)]
    unsafe fn read(call: &mut VariadicCall) -> Self;
}

/// A result of a variadic callback.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a variadic callback cannot return `{Self}`",
    label = "no integer, floating-point number or pointer",
    note = "C's rules for structs that are returned differ; let the C side take a pointer to write it to"
)]
pub trait Returned {
    /// What the handler returns, in the register where C expects the result.
    type Value;
    /// Converts the result to such a value.
    fn returned(self) -> Self::Value;
}

/// Compiles if a variadic callback can return `R`.
#[doc(hidden)]
pub const fn can_be_returned<R: Returned>() {}

macro_rules! in_front {
    ($($type:ty)*) => { $(
        // SAFETY: it is read from where C passes an integer.
        unsafe impl NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument has this type, which is an integer or a pointer: the condition of `read`.
                unsafe { call.0.read_integer() }
            }
        }
        in_front! { @returned [] $type }
    )* };
    (@returned [$($generic:ident)?] $type:ty) => {
        impl$(<$generic>)? Returned for $type {
            type Value = Self;
            #[inline]
            fn returned(self) -> Self {
                self
            }
        }
    };
}
in_front! { bool i8 u8 i16 u16 i32 u32 i64 u64 isize usize }
in_front! { @returned [] () }

macro_rules! pointers {
    ($([$($life:lifetime)?] $type:ty;)*) => { $(
        // SAFETY: it is read from where C passes a pointer.
        unsafe impl<$($life,)? T> NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument has this type, which is a pointer: the condition of `read`.
                unsafe { call.0.read_integer() }
            }
        }
        impl<$($life,)? T> Returned for $type {
            type Value = Self;
            #[inline]
            fn returned(self) -> Self {
                self
            }
        }
    )* };
}
pointers! {
    [] *const T;
    [] *mut T;
    [] NonNull<T>;
    [] Option<NonNull<T>>;
    ['a] &'a T;
    ['a] &'a mut T;
    ['a] Option<&'a T>;
    ['a] Option<&'a mut T>;
}

macro_rules! functions {
    ($(($($arg:ident)*))*) => { $(
        functions! { @one ($($arg)*) unsafe extern "C" fn($($arg),*) -> R }
        functions! { @one ($($arg)*) Option<unsafe extern "C" fn($($arg),*) -> R> }
        functions! { @one ($($arg)*) extern "C" fn($($arg),*) -> R }
        functions! { @one ($($arg)*) Option<extern "C" fn($($arg),*) -> R> }
    )* };
    (@one ($($arg:ident)*) $type:ty) => {
        // SAFETY: it is read from where C passes a pointer.
        unsafe impl<$($arg,)* R> NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument has this type, which is a pointer: the condition of `read`.
                unsafe { call.0.read_integer() }
            }
        }
    };
}
functions! { () (A) (A B) (A B C) (A B C D) }

macro_rules! floats {
    ($($type:ty, $read:ident, $value:ty, $returned:ident;)*) => { $(
        // SAFETY: it is read from where C passes a number of this type.
        unsafe impl NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument has this type: the condition of `read`.
                unsafe { call.0.$read() }
            }
        }
        impl Returned for $type {
            type Value = $value;
            #[inline]
            fn returned(self) -> $value {
                $returned(self)
            }
        }
    )* };
}
floats! {
    f32, read_float, ReturnedFloat, returned_float;
    f64, read_double, ReturnedDouble, returned_double;
}

macro_rules! promoted {
    ($([$($generic:ident)?] $type:ty, $read:ident;)*) => { $(
        impl$(<$generic>)? VaArg for $type {}
        impl$(<$generic>)? sealed::Sealed for $type {
            #[inline]
            unsafe fn read(args: &mut VaArgs<'_>) -> Self {
                // SAFETY: the next argument has this type: the condition of `read`.
                unsafe { args.list.$read() }
            }
        }
    )* };
}
promoted! {
    [] i32, read_integer;
    [] u32, read_integer;
    [] i64, read_integer;
    [] u64, read_integer;
    [] isize, read_integer;
    [] usize, read_integer;
    [] f64, read_double;
    [T] *const T, read_integer;
    [T] *mut T, read_integer;
}

/// The arguments of a variadic call, beginning with the first.
#[doc(hidden)]
#[derive(Debug)]
pub struct VariadicCall(Named);

impl VariadicCall {
    /// # Safety
    /// * The spill routine passed these two for a call that still runs.
    #[inline]
    pub unsafe fn new(spilled: *const (), stack: *const ()) -> Self {
        Self(Named::new(spilled.cast(), stack.cast()))
    }

    /// Reads the next argument in front of `...`.
    ///
    /// # Safety
    /// * It has this type.
    #[inline]
    pub unsafe fn named<T: NamedArgument>(&mut self) -> T {
        // SAFETY: the next argument has this type: the condition of `named`.
        unsafe { T::read(self) }
    }

    /// The arguments that C passes for `...`.
    ///
    /// # Safety
    /// * All named arguments have been read, and the call lasts for `'call`.
    #[inline]
    pub unsafe fn rest<'call>(self) -> VaArgs<'call> {
        let list = self.0.rest();
        VaArgs { list, lent: list, call: PhantomData }
    }
}
