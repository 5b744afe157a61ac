//! Lending to a C function whose declaration says what the closure takes and returns.
//!
//! The compiler looks at arguments from left to right. So the call of C comes first: from it the compiler knows the type of the
//! pointer, and from that type the closure's arguments.

use crate::closure::access::{Exclusive, Shared};
use crate::closure::callee::Callee;
use crate::closure::threads::ThisThread;
use crate::error::CreateError;
use crate::signature::Accepts;
use crate::trampoline::lend::{Loan, lend_and_resume};

/// Lends a closure to the C function that `body` calls. The type of the pointer comes from that function.
///
/// It does the same as [`Trampoline::scoped`](crate::Trampoline::scoped), and nobody writes the callback's type: `body` comes
/// first, and passes its argument to a C function that bindings have declared. The pointer is valid until `body` returns or
/// unwinds. Only this thread may call it, and each call checks its thread.
///
/// # Examples
///
/// ```
/// # #[allow(non_camel_case_types)]
/// # mod sys {
/// #     use std::ffi::{c_int, c_void};
/// #     pub type __compar_fn_t = Option<unsafe extern "C" fn(*const c_void, *const c_void) -> c_int>;
/// #     unsafe extern "C" {
/// #         pub fn bsearch(key: *const c_void, base: *const c_void, count: usize, size: usize, compare: __compar_fn_t) -> *mut c_void;
/// #     }
/// # }
/// // The bindings declare `bsearch` and the type of its callback.
/// use sys::bsearch;
///
/// let (numbers, wanted) = ([4_u32, 8, 15, 16], 15_u32);
/// let key = (&raw const wanted).cast();
/// let found = tramp_rt::lend(
///     |compare| unsafe { bsearch(key, numbers.as_ptr().cast(), numbers.len(), 4, compare) },
///     |_key, at| unsafe { wanted.cmp(&*at.cast::<u32>()) as i32 },
/// )?;
/// assert_eq!(found.cast_const().cast(), &raw const numbers[2]);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// For other closures and threads, use the `scoped` constructors of [`Trampoline`](crate::Trampoline#constructors), and name
/// the type. For several closures at once, use [`scope`](crate::scope).
///
/// # Errors
///
/// Returns an error that contains the closure if there is no slot. Then `body` does not run.
pub fn lend<P, F, R>(body: impl FnOnce(P) -> R, closure: F) -> Result<R, CreateError<F>>
where
    P: Accepts<Callee<F, Shared, ThisThread, Loan<P>>, Pointer = P>,
{
    lend_and_resume::<P, F, Shared, ThisThread, R>(closure, body)
}

/// Lends an `FnMut` closure to the C function that `body` calls. The type of the pointer comes from that function.
///
/// It does the same as [`Trampoline::scoped_mut`](crate::Trampoline::scoped_mut), in the manner of [`lend`].
///
/// # Examples
///
/// ```
/// # mod sys {
/// #     use std::ffi::{c_int, c_void};
/// #     unsafe extern "C" {
/// #         pub fn qsort(base: *mut c_void, count: usize, size: usize,
/// #             compare: Option<unsafe extern "C" fn(*const c_void, *const c_void) -> c_int>);
/// #     }
/// # }
/// use sys::qsort;
///
/// let mut numbers = [3, 1, 2];
/// let mut comparisons = 0;
/// let base = numbers.as_mut_ptr().cast();
/// tramp_rt::lend_mut(
///     |compare| unsafe { qsort(base, 3, size_of::<i32>(), compare) },
///     |a, b| {
///         comparisons += 1;
///         unsafe { (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as i32 }
///     },
/// )?;
/// assert_eq!(numbers, [1, 2, 3]);
/// assert!(comparisons >= 2);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// # Errors
///
/// As [`lend`].
pub fn lend_mut<P, F, R>(body: impl FnOnce(P) -> R, closure: F) -> Result<R, CreateError<F>>
where
    P: Accepts<Callee<F, Exclusive, ThisThread, Loan<P>>, Pointer = P>,
{
    lend_and_resume::<P, F, Exclusive, ThisThread, R>(closure, body)
}
