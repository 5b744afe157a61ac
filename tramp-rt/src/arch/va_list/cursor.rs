//! What all of them use.

use core::ffi::c_void;

/// A `va_list` as C passes it to a function: a pointer everywhere, to the list where that is larger than one.
pub(crate) type Argument = *mut c_void;

/// Where a `float` lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Float {
    /// Four bytes.
    Single(*const u8),
    /// A `double` of its value: powerpc64's registers hold one.
    #[allow(dead_code, reason = "not on every processor")]
    Double(*const u8),
}

/// Finds arguments, one after the other, by the rules of a convention. It computes addresses and reads nothing, so it may begin
/// at any address.
pub(crate) trait Cursor {
    /// Where the next argument lies, an integer or a pointer of so many bytes.
    fn integer(&mut self, bytes: usize) -> *const u8;
    /// Where the next argument lies, a `float`.
    fn float(&mut self) -> Float;
    /// Where the next argument lies, a `double`.
    fn double(&mut self) -> *const u8;

    /// The next argument, an integer or a pointer.
    ///
    /// # Safety
    /// * There is one, of this type.
    #[inline]
    unsafe fn read_integer<T>(&mut self) -> T {
        // SAFETY: the next argument is of this type.
        unsafe { read(self.integer(size_of::<T>())) }
    }

    /// The next argument, a `float`.
    ///
    /// # Safety
    /// * There is one, of this type.
    #[inline]
    unsafe fn read_float(&mut self) -> f32 {
        // SAFETY: the next argument is a `float`.
        unsafe { read_float(self.float()) }
    }

    /// The next argument, a `double`.
    ///
    /// # Safety
    /// * There is one, of this type.
    #[inline]
    unsafe fn read_double(&mut self) -> f64 {
        // SAFETY: the next argument is a `double`.
        unsafe { read(self.double()) }
    }
}

/// Reads what lies there.
///
/// # Safety
/// * A `T` lies there, at whatever address.
#[inline]
pub(crate) unsafe fn read<T>(at: *const u8) -> T {
    // SAFETY: a `T` lies there: the condition of `read`.
    unsafe { at.cast::<T>().read_unaligned() }
}

/// Reads the `float` that lies there.
///
/// # Safety
/// * A `float` lies there, as `at` says.
#[inline]
pub(crate) unsafe fn read_float(at: Float) -> f32 {
    match at {
        // SAFETY: a `float` lies there.
        Float::Single(at) => unsafe { read(at) },
        #[allow(clippy::cast_possible_truncation, reason = "a `double` of the value of a `float`")]
        // SAFETY: a `double` lies there.
        Float::Double(at) => unsafe { read::<f64>(at) as f32 },
    }
}
