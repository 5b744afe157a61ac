//! The same for signatures with user data: one function, and no thunks.

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

/// Makes a type a [`Signature`] with user data: with an entry point for each keeper, and without thunks.
///
/// It writes unsafe code, and has the [`Promise`](crate::__private::Promise) for that from whoever invokes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __data_signature {
    (
        promise: $promise:expr;
        generics: [$($declared:tt)*] [$($name:ident,)*];
        type: $self:ty;
        pointer: $pointer:ty;
        $(on_panic: $on_panic:tt;)?
        fn: for<$($lifetime:lifetime,)*> extern $abi:literal fn(
            $($before:ident: $before_type:ty,)* [$data:ident: $data_type:ty] $($after:ident: $after_type:ty,)*
        ) -> $return:ty;
    ) => {
        const _: $crate::__private::Promise = $promise;
        $crate::__private::contained! { @value [$($on_panic)?] [$($declared)*] [$self] [$($lifetime,)*]
            ($($before_type,)* $($after_type,)*) -> $return }
        // SAFETY: both pointer types are those of the entry points below.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self {
            type Pointer = ($pointer, $crate::UserData);
            // As unsafe as the pointer, whatever was declared: any user data would be followed.
            type Declared = Self::Pointer;
            type Waiting = $crate::__private::contained!(@waiting $($on_panic)?);
            const VIA: $crate::__private::Via = {
                $crate::__private::as_outside! {
                    <<$self as $crate::__private::Signature>::Pointer as $crate::__private::WithData>::Function:
                    [$($declared)*] [$($name,)*] [$($lifetime,)*] $abi
                    ($($before_type,)* $data_type, $($after_type,)*) -> $return
                }
                $crate::__private::Via::UserData
            };
            #[inline]
            unsafe fn pointer(__tramp_entry: *const (), __tramp_data: $crate::UserData) -> Self::Pointer {
                // SAFETY: `entry` is a function of this signature, not null: the condition of `pointer`.
                (unsafe { $crate::__private::transmute::<*const (), $pointer>(__tramp_entry) }, __tramp_data)
            }
            #[inline]
            unsafe fn declared(__tramp_entry: *const (), __tramp_data: $crate::UserData) -> Self::Declared {
                // SAFETY: `entry` is a function of this signature, and its closure stays: the conditions of
                // `declared`.
                unsafe { Self::pointer(__tramp_entry, __tramp_data) }
            }
        }
        $crate::__private::data_entry! { [$promise] Shared Fn (__tramp_closure => *__tramp_closure)
            [$($declared)*] [$($name,)*] [$self] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return }
        $crate::__private::data_entry! { [$promise] Exclusive FnMut (__tramp_closure => *__tramp_closure)
            [$($declared)*] [$($name,)*] [$self] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return }
        $crate::__private::data_entry! { [$promise] Once FnOnce (__tramp_closure => __tramp_closure)
            [$($declared)*] [$($name,)*] [$self] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return }
    };
}

/// The entry point of a signature with user data for one keeper.
#[doc(hidden)]
#[macro_export]
macro_rules! __data_entry {
    (
        [$promise:expr] $keeper:ident $trait:ident ($closure:ident => $callee:expr)
        [$($declared:tt)*] [$($name:ident,)*] [$self:ty] [$($on_panic:tt)?] [$($lifetime:lifetime,)*] $abi:literal
        ($($before:ident: $before_type:ty,)*) [$data:ident: $data_type:ty] ($($after:ident: $after_type:ty,)*)
        -> $return:ty
    ) => {
        const _: $crate::__private::Promise = $promise;
        // SAFETY: the function has the signature's arguments and result; it runs what the user data leads to, which is a
        // keeper of this type because the block was made with this entry point.
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        unsafe impl<$($declared)* __TrampF, __TrampT> $crate::__private::Entry<$crate::__private::$keeper<__TrampF, __TrampT>> for $self
        where
            __TrampF: for<$($lifetime,)*> $crate::__private::$trait($($before_type,)* $($after_type,)*) -> $return,
            __TrampT: $crate::__private::Threads,
        {
            type Owner = ();
            const ENTRY_POINTS: &'static $crate::__private::EntryPoints = {
                unsafe extern $abi fn __tramp_entry<$($lifetime,)* $($declared)* __TrampF, __TrampT>(
                    $($before: $crate::__private::Same<$before_type>,)*
                    $data: $data_type,
                    $($after: $crate::__private::Same<$after_type>,)*
                ) -> $crate::__private::Same<$return>
                where
                    __TrampF: $crate::__private::$trait($($before_type,)* $($after_type,)*) -> $return,
                    __TrampT: $crate::__private::Threads,
                {
                    // SAFETY: C passes the user data that it was given with this function.
                    let __tramp_call = unsafe { $crate::__private::DataCall::new($data) };
                    $crate::__private::contained! {
                        [$self] $($on_panic)?
                        // SAFETY: the user data leads to this keeper.
                        unsafe { <$crate::__private::$keeper<__TrampF, __TrampT> as $crate::__private::Keeper>::pending(__tramp_call) },
                        {
                            // SAFETY: the user data leads to this keeper, which stays until the call returns.
                            let mut $closure = unsafe { $crate::__private::$keeper::<__TrampF, __TrampT>::enter(__tramp_call) };
                            ($callee)($($before,)* $($after,)*)
                        }
                    }
                }
                &$crate::__private::EntryPoints::without_thunks(__tramp_entry::<$($name,)* __TrampF, __TrampT> as *const ())
            };
        }
    };
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
