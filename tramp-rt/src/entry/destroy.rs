//! What C calls when it is done with a closure's user data.

use core::ptr::NonNull;

use crate::closure::storage::{self, Keeper};
use crate::signature::UserData;

/// A C type of functions that destroy user data, made by `#[trampoline]`.
pub trait Destroy {
    /// The function pointer.
    type Pointer;
    /// The function for a closure in the keeper `K`.
    fn of<K: Keeper>() -> Self::Pointer;
}

/// Ends a closure that C destroys. Without user data, as C passes it where there is no closure, there is nothing to do.
///
/// # Safety
/// * `data` is null, or came from `storage::keep_by_data` for this `K`.
/// * No call with it begins any more, and C destroys it once.
pub unsafe fn destroy<K: Keeper>(data: UserData) {
    if let Some(data) = NonNull::new(data.cast()) {
        // SAFETY: `keep_by_data` made it for this `K`; no call comes any more, and C destroys once: the conditions of
        // `destroy`.
        unsafe { storage::destroy::<K>(data) }
    }
}

/// Makes a type a [`Destroy`].
#[doc(hidden)]
#[macro_export]
macro_rules! __destroy {
    (
        type: $self:ty;
        pointer: $pointer:ty;
        data: $data:ident;
        fn: extern $abi:literal fn($($arg:ident: $type:ty,)*);
    ) => {
        impl $crate::__private::Destroy for $self {
            type Pointer = $pointer;
            fn of<__TrampK: $crate::__private::Keeper>() -> $pointer {
                unsafe extern $abi fn __tramp_destroy<__TrampK: $crate::__private::Keeper>(
                    $($arg: $crate::__private::Same<$type>,)*
                ) {
                    // SAFETY: C passes the user data that it was given with this function, when it is done with it.
                    unsafe { $crate::__private::destroy::<__TrampK>($data) }
                }
                __tramp_destroy::<__TrampK>
            }
        }
    };
}
