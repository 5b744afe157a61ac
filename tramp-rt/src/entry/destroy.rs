//! What C calls when it is done with a closure's user data.

use core::ptr::NonNull;

use crate::closure::access::Access;
use crate::closure::callee::Callee;
use crate::closure::lease::Notified;
use crate::closure::threads::Threads;
use crate::signature::UserData;

/// A C type of functions that destroy user data, made by `#[trampoline]`.
pub trait Destroy {
    /// The function pointer.
    type Pointer;
    /// The function for a closure `F` that is run so, by these threads, which may destroy it as well.
    fn of<F, A: Access, T: Threads>() -> Self::Pointer;
}

/// Ends a closure that C destroys. Without user data, as C passes it where there is no closure, there is nothing to do.
///
/// # Safety
/// * `data` is null, or came from `Callee::store_by_data` of the notified callee of these types.
/// * No call with it begins any more, and C destroys it once.
pub unsafe fn destroy<F, A: Access, T: Threads>(data: UserData) {
    if let Some(data) = NonNull::new(data.cast()) {
        // SAFETY: `store_by_data` made it of this type; no call comes any more, and C destroys once: the conditions of
        // `Callee::destroy`.
        unsafe { Callee::<F, A, T, Notified>::destroy(data) }
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
            fn of<__TrampF, __TrampA: $crate::__private::Access, __TrampT: $crate::__private::Threads>() -> $pointer {
                unsafe extern $abi fn __tramp_destroy<
                    __TrampF,
                    __TrampA: $crate::__private::Access,
                    __TrampT: $crate::__private::Threads,
                >(
                    $($arg: $crate::__private::Same<$type>,)*
                ) {
                    // SAFETY: C passes the user data that it was given with this function, when it is done with it.
                    unsafe { $crate::__private::destroy::<__TrampF, __TrampA, __TrampT>($data) }
                }
                __tramp_destroy::<__TrampF, __TrampA, __TrampT>
            }
        }
    };
}
