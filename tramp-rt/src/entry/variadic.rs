//! What C calls if it passes `...`: only handlers. C reaches them through the spill routine.

/// Makes a type a [`Signature`](crate::Signature) with variable arguments, as
/// [`signature!`](crate::__private::signature) does for the others.
///
/// The macro writes unsafe code. The code that invokes it gives the [`Promise`](crate::__private::Promise) for that.
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
        // SAFETY: both pointer types are those of the handler below. The spill routine calls it.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self
        where
            $($bounds)*
        {
            type Pointer = $pointer;
            type Declared = $as_declared;
            type Identity = $self;
            type Panics = $crate::__private::contained!(@panics $($on_panic)?);
            const DELIVERY: $crate::__private::Delivery = {
                // The compiler has to check this function, which compiles only if none of the user's types means
                // another type among the type parameters of a handler.
                fn __tramp_as_outside<$($declared)* __TrampF, __TrampT, __TrampL>(
                    __tramp_beside: for<$($lifetime,)*> unsafe extern $abi fn($($type,)* ...) -> $return,
                ) where $($bounds)* {
                    let _: <$self as $crate::__private::Signature>::Pointer = __tramp_beside;
                }
                // The only place that says which results are possible.
                fn __tramp_returns<$($lifetime,)* $($declared)*>() where $($bounds)* {
                    let _ = $crate::__private::can_be_returned::<$return>;
                }
                $crate::__private::Delivery::Slot(&$crate::__private::Probe::VARIADIC)
            };
            #[inline]
            unsafe fn pointer(__tramp_entry: *const (), _: $crate::UserData) -> Self::Pointer {
                // SAFETY: `entry` is a function of this signature and not null: the condition of `pointer`.
                unsafe { $crate::__private::transmute::<*const (), $pointer>(__tramp_entry) }
            }
            #[inline]
            unsafe fn declared(__tramp_entry: *const (), _: $crate::UserData) -> Self::Declared {
                // SAFETY: `entry` is a function of this signature and valid until the process ends: the conditions of `declared`.
                unsafe { $crate::__private::transmute::<*const (), $as_declared>(__tramp_entry) }
            }
        }
        $crate::__private::entry! { {
            [$promise] [$($declared)*] [$($name,)*] [$($bounds)*] [$self] [0] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($arg: $type,)*) [...] (__tramp_va: $crate::VaArgs<'_>,) -> $return
        } }
    };
}

/// Without mapped thunks, no closure has variable arguments.
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
