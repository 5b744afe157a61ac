//! What C calls where it passes `...`: handlers alone, reached through the spill routine.

/// Makes a type a [`Signature`](crate::Signature) with variable arguments, as
/// [`signature!`](crate::__private::signature) does of the others.
///
/// It writes unsafe code, and has the [`Promise`](crate::__private::Promise) for that from whoever invokes it.
#[cfg(feature = "mapped")]
#[doc(hidden)]
#[macro_export]
macro_rules! __variadic {
    (
        $(#[$attr:meta])*
        promise: $promise:expr;
        generics: [$($declared:tt)*] [$($name:ident,)*] [$($bounds:tt)*];
        type: $self:ty;
        pointer: $pointer:ty;
        declared: $as_declared:ty;
        $(on_panic: $on_panic:tt;)?
        fn: for<$($lifetime:lifetime,)*> extern $abi:literal fn($($arg:ident: $type:ty,)* ...) -> $return:ty;
    ) => {
        const _: $crate::__private::Promise = $promise;
        $crate::__private::contained! { @value [$($on_panic)?] [$($declared)*] [$self] [$($lifetime,)*]
            ($($type,)* $crate::VaArgs<'_>,) -> $return }
        $(#[$attr])*
        // SAFETY: both pointer types are those of the handler below, called by the spill routine.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self
        where
            $($bounds)*
        {
            type Pointer = $pointer;
            type Declared = $as_declared;
            type Identity = $self;
            type Panics = $crate::__private::contained!(@panics $($on_panic)?);
            const DELIVERY: $crate::__private::Delivery = {
                // Compiled, to see whether none of the user's types is another among the type parameters of a handler.
                fn __tramp_as_outside<$($declared)* __TrampF, __TrampT, __TrampL>(
                    __tramp_beside: for<$($lifetime,)*> unsafe extern $abi fn($($type,)* ...) -> $return,
                ) where $($bounds)* {
                    let _: <$self as $crate::__private::Signature>::Pointer = __tramp_beside;
                }
                // The one place that says which results there can be.
                fn __tramp_returns<$($lifetime,)* $($declared)*>() where $($bounds)* {
                    let _ = $crate::__private::can_be_returned::<$return>;
                }
                $crate::__private::Delivery::Slot(&$crate::__private::Probe::VARIADIC)
            };
            #[inline]
            unsafe fn pointer(__tramp_entry: *const (), _: $crate::UserData) -> Self::Pointer {
                // SAFETY: `entry` is a function of this signature, not null: the condition of `pointer`.
                unsafe { $crate::__private::transmute::<*const (), $pointer>(__tramp_entry) }
            }
            #[inline]
            unsafe fn declared(__tramp_entry: *const (), _: $crate::UserData) -> Self::Declared {
                // SAFETY: `entry` is a function of this signature, valid for ever: the conditions of `declared`.
                unsafe { $crate::__private::transmute::<*const (), $as_declared>(__tramp_entry) }
            }
        }
        $crate::__private::entry! { {
            [$promise] [$($declared)*] [$($name,)*] [$($bounds)*] [$self] [0] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($arg: $type,)*) [...] (__tramp_va: $crate::VaArgs<'_>,) -> $return
        } }
    };
}

/// Without mapped thunks nothing that C calls has variable arguments.
#[cfg(not(feature = "mapped"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __variadic {
    ($($signature:tt)*) => {
        ::core::compile_error!(
            "a callback with variable arguments (`...`) is a mapped one: enable the feature `mapped` of `tramp-rt`"
        );
    };
}
