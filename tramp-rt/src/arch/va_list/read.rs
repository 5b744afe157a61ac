//! What all of them use.

use core::ffi::c_void;

/// Reads what lies there.
///
/// # Safety
/// * A `T` lies there, at whatever address.
#[inline]
pub(super) unsafe fn read<T>(at: *const u8) -> T {
    // SAFETY: a `T` lies there: the condition of `read`.
    unsafe { at.cast::<T>().read_unaligned() }
}

/// A `va_list` as C passes it to a function: a pointer everywhere, to the list where that is larger than one.
pub(crate) type Argument = *mut c_void;
