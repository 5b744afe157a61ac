//! Variable arguments: what a closure receives for C's `...`.
//!
//! ```text
//!   C calls     int (*)(void *context, const char *format, ...)
//!   thunk       of the stack's table, leads to the spill routine
//!   handler     extern "C" fn handler<F>(spilled, stack, slot: &Slot) -> c_int
//!   closure     Fn(*mut c_void, *const c_char, VaArgs<'_>) -> c_int
//! ```
//!
//! The handler is no function of C's signature, so no probe is asked and no direct thunk can be made.
//! `arch::va_list` says where the arguments are. This file says which types they can have.

use alloc::ffi::CString;
use alloc::vec;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::arch::va_list::{Argument, Named, ReturnedDouble, ReturnedFloat, VaList, returned_double, returned_float};

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
/// // SAFETY: as the format says.
/// unsafe { message.as_fn()(std::ptr::null_mut(), c"%s: %d of %.1f".as_ptr(), c"disk".as_ptr(), 7 as c_int, 9.5_f64) };
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
/// let mut kept = None;
/// Trampoline::<unsafe extern "C" fn(c_int, ...)>::scoped_mut(|_, args: VaArgs<'_>| kept = Some(args), |_| ());
/// ```
///
/// # Platforms
///
/// Variadic callbacks work wherever there are [mapped](crate#platforms) trampolines. They have no direct ones, because Rust 1.85
/// cannot define a function that takes `...`. Elsewhere creating one is [`Error::Unsupported`](crate::Error::Unsupported).
pub struct VaArgs<'call> {
    list: VaList,
    /// What C's functions read from, which they change.
    lent: VaList,
    /// What the list leads to is the call's.
    call: PhantomData<&'call mut [u8]>,
}

impl VaArgs<'_> {
    /// The next argument, as C's `va_arg(list, T)`.
    ///
    /// `T` is a type that C passes behind `...`: there it promotes what is narrower, so that no `float`, `short`, `char` or
    /// `_Bool` arrives. [`VaArg`] lists them.
    ///
    /// # Safety
    ///
    /// * C has passed one more argument than were read.
    /// * It is of the C type that `T` stands for, or of the other signedness of that type with a value that both have, or
    ///   both are pointers. Any other `T` is read from the wrong place, and so are those behind it: on most
    ///   processors integers and floating-point numbers are counted apart, and on some a wider one takes two places.
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
    /// let print = Trampoline::<unsafe extern "C" fn(*mut c_char, *const c_char, ...) -> c_int>::new(|buffer, format, mut args| {
    ///     // SAFETY: C passes a buffer that is large enough, a format, and what it asks for.
    ///     unsafe { vsprintf(buffer, format, args.as_va_list()) }
    /// })?;
    /// let mut buffer = [0; 20];
    /// let bytes = unsafe { print.as_fn()(buffer.as_mut_ptr(), c"%d %s".as_ptr(), 4 as c_int, c"two".as_ptr()) };
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

    /// What C's `vsnprintf` makes of `format` and the arguments that were not read yet; `None` if it fails, as it does of
    /// a wide character that the locale cannot write.
    ///
    /// Up to 255 bytes are written to the stack, for more it is called twice. A `%c` of zero ends the text.
    ///
    /// # Safety
    ///
    /// * `format` is a C string, and asks for no more arguments than there are, of the types that C has passed.
    /// * What `%s` asks for is a C string, and what `%n` asks for can be written.
    #[inline] // a program that does not format needs no `vsnprintf`
    pub unsafe fn format(mut self, format: *const c_char) -> Option<CString> {
        let mut short = [0; 256];
        // SAFETY: so many bytes; the format and the arguments are those of `format`.
        let bytes = unsafe { self.print(&mut short, format)? };
        if bytes < short.len() {
            return Some(until_nul(&short));
        }
        let mut long = vec![0; bytes.checked_add(1)?];
        // SAFETY: so many bytes; the format and the arguments are those of `format`.
        unsafe { self.print(&mut long, format)? };
        Some(until_nul(&long))
    }

    /// Returns how long the text is, whatever has room.
    ///
    /// # Safety
    /// * As for [`format`](Self::format).
    #[inline]
    unsafe fn print(&mut self, buffer: &mut [u8], format: *const c_char) -> Option<usize> {
        // SAFETY: so many bytes can be written; the rest are the conditions of `print`.
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

/// `vsnprintf` is in Microsoft's headers, on this function of its library.
#[cfg(target_env = "msvc")]
#[inline]
unsafe fn vsnprintf(buffer: *mut c_char, bytes: usize, format: *const c_char, list: Argument) -> c_int {
    /// `_CRT_INTERNAL_PRINTF_STANDARD_SNPRINTF_BEHAVIOR`, of `corecrt_stdio_config.h`
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
    // SAFETY: the conditions of `vsnprintf`, and NULL is the locale of the thread.
    unsafe { __stdio_common_vsprintf(AS_IN_C, buffer, bytes, format, core::ptr::null(), list) }
}

mod sealed {
    use super::VaArgs;

    pub trait Sealed: Sized {
        /// Reads the next argument.
        ///
        /// # Safety
        /// * There is one, of this type.
        unsafe fn read(args: &mut VaArgs<'_>) -> Self;
    }
}

/// A type that C passes behind `...`, as its default promotions leave it: C17 §6.5.2.2.
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
/// So there is none for `f32`, `i8`, `u8`, `i16`, `u16` and `bool`, which never arrive.
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

/// An argument in front of C's `...`, which C passes as it is.
///
/// # Safety
///
/// Implemented by this crate only.
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
    /// * It is of this type.
    #[doc(hidden)]
    unsafe fn read(call: &mut VariadicCall) -> Self;
}

/// What a variadic callback returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a variadic callback cannot return `{Self}`",
    label = "no integer, floating-point number or pointer",
    note = "C's rules for structs that are returned differ; let the C side take a pointer to write it to"
)]
pub trait Returned {
    /// What the handler returns, in the register where C expects the result.
    type Value;
    /// The result as such a value.
    fn returned(self) -> Self::Value;
}

/// Compiles for what a variadic callback can return.
#[doc(hidden)]
pub const fn can_be_returned<R: Returned>() {}

macro_rules! in_front {
    ($($type:ty)*) => { $(
        // SAFETY: read where C passes one.
        unsafe impl NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument is of this type, an integer or a pointer.
                unsafe { call.0.integer() }
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
        // SAFETY: read where C passes a pointer.
        unsafe impl<$($life,)? T> NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument is of this type, a pointer.
                unsafe { call.0.integer() }
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
        // SAFETY: read where C passes a pointer.
        unsafe impl<$($arg,)* R> NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument is of this type, a pointer.
                unsafe { call.0.integer() }
            }
        }
    };
}
functions! { () (A) (A B) (A B C) (A B C D) }

macro_rules! floats {
    ($($type:ty, $read:ident, $value:ty, $returned:ident;)*) => { $(
        // SAFETY: read where C passes one.
        unsafe impl NamedArgument for $type {
            #[inline]
            unsafe fn read(call: &mut VariadicCall) -> Self {
                // SAFETY: the next argument is of this type.
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
    f32, float, ReturnedFloat, returned_float;
    f64, double, ReturnedDouble, returned_double;
}

macro_rules! promoted {
    ($([$($generic:ident)?] $type:ty, $read:ident;)*) => { $(
        impl$(<$generic>)? VaArg for $type {}
        impl$(<$generic>)? sealed::Sealed for $type {
            #[inline]
            unsafe fn read(args: &mut VaArgs<'_>) -> Self {
                // SAFETY: the next argument is of this type.
                unsafe { args.list.$read() }
            }
        }
    )* };
}
promoted! {
    [] i32, integer;
    [] u32, integer;
    [] i64, integer;
    [] u64, integer;
    [] isize, integer;
    [] usize, integer;
    [] f64, double;
    [T] *const T, integer;
    [T] *mut T, integer;
}

/// The arguments of a variadic call, from the first.
#[doc(hidden)]
#[derive(Debug)]
pub struct VariadicCall(Named);

impl VariadicCall {
    /// # Safety
    /// * The spill routine passed these two, for a call that lasts.
    #[inline]
    pub unsafe fn new(spilled: *const (), stack: *const ()) -> Self {
        // SAFETY: the spill routine passed these two: the condition of `new`.
        Self(unsafe { Named::new(spilled.cast(), stack.cast()) })
    }

    /// The next argument in front of `...`.
    ///
    /// # Safety
    /// * It is of this type.
    #[inline]
    pub unsafe fn named<T: NamedArgument>(&mut self) -> T {
        // SAFETY: the next argument is of this type: the condition of `named`.
        unsafe { T::read(self) }
    }

    /// Those that C passes for `...`.
    ///
    /// # Safety
    /// * All named arguments have been read, and the call lasts for `'call`.
    #[inline]
    pub unsafe fn rest<'call>(self) -> VaArgs<'call> {
        let list = self.0.rest();
        VaArgs { list, lent: list, call: PhantomData }
    }
}
