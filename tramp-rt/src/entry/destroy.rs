//! The functions by which C destroys a closure's user data.

use core::ptr::NonNull;

use crate::closure::access::Access;
use crate::closure::callee::Callee;
use crate::closure::lease::Notified;
use crate::closure::threads::Threads;
use crate::signature::UserData;

/// A C type of functions that destroy user data. `#[trampoline]` makes it.
pub trait Destroy {
    /// The function pointer.
    type Pointer;
    /// The function for a closure `F` that is used by the access `A` on the threads `T`. The same threads may destroy
    /// it.
    fn of<F, A: Access, T: Threads>() -> Self::Pointer;
}

/// Ends a closure because C destroys it. C passes null where there is no closure, and then there is nothing to do.
///
/// # Safety
/// * `data` is null, or `Callee::store_by_data` returned it for the notified callee of these types.
/// * No call with it begins any more, and C destroys it once.
pub unsafe fn destroy<F, A: Access, T: Threads>(data: UserData) {
    if let Some(data) = NonNull::new(data.cast()) {
        // SAFETY: `store_by_data` made it with this type, no call begins any more, and C destroys it once: the
        // conditions of `Callee::destroy`.
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
                    // SAFETY: C passes the user data that it got with this function, and passes it when it no longer
                    // needs it.
                    unsafe { $crate::__private::destroy::<__TrampF, __TrampA, __TrampT>($crate::__private::AsUserData::data($data)) }
                }
                __tramp_destroy::<__TrampF, __TrampA, __TrampT>
            }
        }
    };
}
