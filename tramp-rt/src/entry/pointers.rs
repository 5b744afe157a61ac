//! Makes function pointer types without lifetimes signatures.

/// The signatures without lifetimes, with up to 16 arguments, under one calling convention.
macro_rules! signatures {
    ($($abi:literal)*) => { $(
        signatures! { @arity $abi
            A0 a0, A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6, A7 a7,
            A8 a8, A9 a9, A10 a10, A11 a11, A12 a12, A13 a13, A14 a14, A15 a15,
        }
    )* };
    (@arity $abi:literal) => { signatures! { @both $abi } };
    (@arity $abi:literal $First:ident $first:ident, $($Rest:ident $rest:ident,)*) => {
        signatures! { @both $abi $First $first, $($Rest $rest,)* }
        signatures! { @arity $abi $($Rest $rest,)* }
    };
    (@both $abi:literal $($Arg:ident $arg:ident,)*) => {
        $crate::__private::signature! {
            #[doc(hidden)]
            #[diagnostic::do_not_recommend]
            // SAFETY: the type is the pointer itself.
            promise: unsafe { $crate::__private::Promise::new($crate::__private::VERSION) };
            generics: [$($Arg,)* R,] [$($Arg,)* R,];
            type: unsafe extern $abi fn($($Arg),*) -> R;
            pointer: unsafe extern $abi fn($($Arg),*) -> R;
            declared: unsafe extern $abi fn($($Arg),*) -> R;
            direct: $crate::__private::DIRECT_DEFAULT;
            fn: for<> extern $abi fn($($arg: $Arg,)*) -> R;
        }
        // The safe function pointer uses the code of the unsafe one. SAFETY: both have the same arguments, result and
        // convention.
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        unsafe impl<$($Arg,)* R> $crate::__private::Signature for extern $abi fn($($Arg),*) -> R {
            type Pointer = unsafe extern $abi fn($($Arg),*) -> R;
            type Declared = extern $abi fn($($Arg),*) -> R;
            type Identity = Self::Pointer;
            type Panics = $crate::__private::Uncaught;
            const DELIVERY: $crate::__private::Delivery = <Self::Pointer as $crate::__private::Signature>::DELIVERY;
            #[inline]
            unsafe fn pointer(entry: *const (), data: $crate::UserData) -> Self::Pointer {
                // SAFETY: `entry` is a function of this signature, and the unsafe pointer has the same one: the
                // condition of `pointer`.
                unsafe { <Self::Pointer as $crate::__private::Signature>::pointer(entry, data) }
            }
            #[inline]
            unsafe fn declared(entry: *const (), _: $crate::UserData) -> Self::Declared {
                // SAFETY: `entry` is a function of this signature and valid until the process ends: the conditions of `declared`.
                unsafe { core::mem::transmute::<*const (), Self::Declared>(entry) }
            }
        }
        // SAFETY: the entry points have the same arguments, result and convention.
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        unsafe impl<K, $($Arg,)* R> $crate::__private::Accepts<K> for extern $abi fn($($Arg),*) -> R
        where
            unsafe extern $abi fn($($Arg),*) -> R: $crate::__private::Accepts<K>,
        {
            const CODE: &'static $crate::__private::Code = <<Self as $crate::__private::Signature>::Pointer as $crate::__private::Accepts<K>>::CODE;
        }
    };
}
crate::arch::for_each_convention!(signatures);

/// The signatures with variable arguments, with one to eight named arguments. Stable Rust has them only under C's
/// conventions.
#[cfg(feature = "mapped")]
macro_rules! variadics {
    ($($abi:literal)*) => { $(
        variadics! { @arity $abi
            A0 a0, A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6, A7 a7,
        }
    )* };
    (@arity $abi:literal) => {};
    (@arity $abi:literal $First:ident $first:ident, $($Rest:ident $rest:ident,)*) => {
        variadics! { @one $abi $First $first, $($Rest $rest,)* }
        variadics! { @arity $abi $($Rest $rest,)* }
    };
    (@one $abi:literal $($Arg:ident $arg:ident,)*) => {
        $crate::__private::variadic! {
            #[doc(hidden)]
            #[diagnostic::do_not_recommend]
            // SAFETY: the type is the pointer itself.
            promise: unsafe { $crate::__private::Promise::new($crate::__private::VERSION) };
            generics: [$($Arg,)* R,] [$($Arg,)* R,]
                [$($Arg: $crate::__private::NamedArgument,)* R: $crate::__private::Returned,];
            type: unsafe extern $abi fn($($Arg,)* ...) -> R;
            pointer: unsafe extern $abi fn($($Arg,)* ...) -> R;
            declared: unsafe extern $abi fn($($Arg,)* ...) -> R;
            fn: for<> extern $abi fn($($arg: $Arg,)* ...) -> R;
        }
    };
}
#[cfg(feature = "mapped")]
variadics! { "C" "C-unwind" }
