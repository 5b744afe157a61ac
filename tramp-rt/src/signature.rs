//! Signatures, and the code that the compiler makes for a closure under one of them.
//!
//! The closure's C arguments stay where C put them. What runs the closure is an ordinary `extern` function of the same
//! signature with one argument more, the slot, which in every C calling convention moves none of the others:
//!
//! ```text
//!   C calls        int32_t (*)(A a, B b)
//!   direct thunk   extern "C" fn thunk<F, INDEX>(a: A, b: B) -> i32               the slot is a constant
//!   handler        extern "C" fn handler<F>(a: A, b: B, slot: &Slot) -> i32       the slot comes from a mapped thunk
//!   probe          extern "C" fn probe(_: A, _: B, slot: usize) -> i32            tells where the mapped thunk puts it
//! ```
//!
//! All three are written once, in [`signature!`](crate::__private::signature), for function pointer types without
//! lifetimes here and for the types that `#[trampoline]` names.

use crate::claim::EntryPoints;
use crate::panic::Waiting;
use crate::probe::Probe;
use crate::user_data::UserData;

/// The type of a C function pointer: what `S` in [`Trampoline<S>`](crate::Trampoline) can be.
///
/// It is implemented for function pointer types of up to 16 arguments and every calling convention that the target
/// has, as long as no lifetime is bound inside the type (`fn(&str)`). For those, and for more arguments, name the type
/// with [`#[trampoline]`](macro@crate::trampoline).
///
/// An `Option` of a signature is one too, and its pointer is always `Some`: bindings write function pointers that may be
/// NULL so, and under a name.
///
/// ```
/// # use std::ffi::c_int;
/// # use tramp_rt::Trampoline;
/// // From bindgen, for `typedef int (*scale_fn)(int);` and `int apply(scale_fn scale, int n);`
/// # #[allow(non_camel_case_types)]
/// type scale_fn = Option<unsafe extern "C" fn(arg1: c_int) -> c_int>;
/// # unsafe extern "C" fn apply(scale: scale_fn, n: c_int) -> c_int { unsafe { scale.unwrap()(n) } }
///
/// let factor = 3;
/// let scale = Trampoline::<scale_fn>::new(move |n| factor * n)?;
/// assert_eq!(unsafe { apply(scale.as_fn(), 14) }, 42);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// # Safety
///
/// Implemented by this crate and [`#[trampoline]`](macro@crate::trampoline) only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a C callback signature",
    label = "not a signature",
    note = "a signature is an `extern` function pointer type, e.g. `unsafe extern \"C\" fn(c_int) -> c_int`",
    note = "if lifetimes are bound inside it, as in `fn(&str)`, name it: `#[trampoline] type Name = unsafe extern \"C\" fn(&str);`"
)]
pub unsafe trait Signature {
    /// The function pointer that a trampoline gives out, `unsafe` to call since the trampoline may be gone.
    type Pointer: Copy;
    /// The function pointer as it was declared, `unsafe` or not, which a leaked trampoline gives out.
    type Declared: Copy;
    /// Where a panic waits for the end of a scope, if C gets a value in its stead.
    #[doc(hidden)]
    type Waiting: Waiting;
    #[doc(hidden)]
    const VIA: Via;
    #[doc(hidden)]
    unsafe fn pointer(entry: *const (), data: UserData) -> Self::Pointer;
    #[doc(hidden)]
    unsafe fn declared(entry: *const (), data: UserData) -> Self::Declared;
}

/// How a call finds its closure.
#[derive(Debug, Clone, Copy)]
pub enum Via {
    /// Through a slot, of which the address travels in the place that this probe finds.
    Slot(&'static Probe),
    /// Through C's user data.
    UserData,
}

/// A signature whose arguments and result fit the closure in the keeper `K`.
///
/// `Entry<Shared<F, _>>` means that `F` is a matching `Fn`, `Entry<Exclusive<F, _>>` a matching `FnMut` and
/// `Entry<Once<F, _>>` a matching `FnOnce`.
///
/// # Safety
///
/// Implemented by [`#[trampoline]`](macro@crate::trampoline) only.
#[diagnostic::on_unimplemented(
    message = "the closure does not fit the callback signature `{Self}`",
    label = "arguments, result or kind (`Fn`, `FnMut`, `FnOnce`) differ",
    note = "a signature is an `extern` function pointer type, e.g. `unsafe extern \"C\" fn(c_int) -> c_int`"
)]
pub unsafe trait Entry<K>: Signature {
    /// The type whose tag the direct thunks compare.
    #[doc(hidden)]
    type Owner;
    #[doc(hidden)]
    const ENTRY_POINTS: &'static EntryPoints;
}

// C's function pointers may be NULL, so bindgen and the `-sys` crates write `Option<unsafe extern "C" fn(…)>`, mostly
// under a name: what a C function takes, and no type that could be taken apart.
// SAFETY: the pointers and the probe are those of the signature inside.
unsafe impl<S: Signature> Signature for Option<S> {
    type Pointer = Option<S::Pointer>;
    type Declared = Option<S::Declared>;
    type Waiting = S::Waiting;
    const VIA: Via = S::VIA;
    #[inline]
    unsafe fn pointer(entry: *const (), data: UserData) -> Self::Pointer {
        // SAFETY: as the caller promises.
        Some(unsafe { S::pointer(entry, data) })
    }
    #[inline]
    unsafe fn declared(entry: *const (), data: UserData) -> Self::Declared {
        // SAFETY: as the caller promises.
        Some(unsafe { S::declared(entry, data) })
    }
}

// SAFETY: the entry points are those of the pointer inside.
unsafe impl<S: Entry<K>, K> Entry<K> for Option<S> {
    type Owner = S::Owner;
    const ENTRY_POINTS: &'static EntryPoints = S::ENTRY_POINTS;
}

/// A way to name `!`, which stable Rust takes as a result and nowhere else.
#[doc(hidden)]
pub trait Returns {
    /// The result.
    type Value;
}

impl<R> Returns for fn() -> R {
    type Value = R;
}

#[doc(hidden)]
pub type Never = <fn() -> ! as Returns>::Value;

/// Makes a type a [`Signature`] and gives it its thunks, handlers and probe.
///
/// The parts are those of a function pointer type; `generics` lists the type parameters as declared and by name,
/// `direct` says how many direct thunks each closure type gets, `on_panic` what becomes of a panic. Names of its own
/// begin with two underscores: type parameters are not hygienic, and the user's types may be called anything.
#[doc(hidden)]
#[macro_export]
macro_rules! __signature {
    (
        generics: [$($declared:tt)*] [$($name:ident,)*];
        type: $self:ty;
        pointer: $pointer:ty;
        declared: $as_declared:ty;
        direct: $direct:expr;
        $(on_panic: $on_panic:tt;)?
        fn: for<$($lifetime:lifetime,)*> extern $abi:literal fn($($arg:ident: $type:ty,)*) -> $return:ty;
    ) => {
        $crate::__private::contained! { @value [$($on_panic)?] [$($declared)*] [$self] [$($lifetime,)*] -> $return }
        // SAFETY: both pointer types are those of the entry points below, and the probe has their arguments and result
        // with one more argument of the class of a pointer.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self {
            type Pointer = $pointer;
            type Declared = $as_declared;
            type Waiting = $crate::__private::contained!(@waiting $($on_panic)?);
            const VIA: $crate::__private::Via = $crate::__private::Via::Slot({
                // `ManuallyDrop`, for rustc passes a `MaybeUninit` of an over-aligned struct of up to 16 bytes otherwise than
                // the struct on aarch64 (tests/abi). What arrives may be no value of its type; nothing reads it.
                #[allow(improper_ctypes_definitions, reason = "rustc checks the user's declaration, not this one")]
                extern $abi fn probe<$($lifetime,)* $($declared)*>(
                    $(_: $crate::__private::ManuallyDrop<$type>,)*
                    __slot: usize,
                ) -> $crate::__private::MaybeUninit<$return> {
                    $crate::__private::report(__slot);
                    $crate::__private::MaybeUninit::uninit()
                }
                const fn layout<$($lifetime,)* $($declared)*>() -> $crate::__private::ArgumentLayout {
                    $crate::__private::ArgumentLayout::of_return::<$crate::__private::MaybeUninit<$return>>()
                        $(.argument::<$crate::__private::MaybeUninit<$type>>())*
                }
                &$crate::__private::Probe::new(probe::<$($name,)*> as *const (), layout::<$($name,)*>())
            });
            #[inline]
            unsafe fn pointer(entry: *const (), _: $crate::UserData) -> $pointer {
                // SAFETY: the caller passes an entry point of this signature.
                unsafe { $crate::__private::transmute::<*const (), $pointer>(entry) }
            }
            #[inline]
            unsafe fn declared(entry: *const (), _: $crate::UserData) -> $as_declared {
                // SAFETY: the caller passes an entry point of this signature, valid for ever.
                unsafe { $crate::__private::transmute::<*const (), $as_declared>(entry) }
            }
        }
        $crate::__private::entry! { Shared Fn (__closure => *__closure)
            [$($declared)*] [$($name,)*] [$self] [$direct] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($arg: $type,)*) -> $return }
        $crate::__private::entry! { Exclusive FnMut (__closure => *__closure)
            [$($declared)*] [$($name,)*] [$self] [$direct] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($arg: $type,)*) -> $return }
        $crate::__private::entry! { Once FnOnce (__closure => __closure)
            [$($declared)*] [$($name,)*] [$self] [$direct] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($arg: $type,)*) -> $return }
    };
}

/// The entry points of a signature for one keeper.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    (
        $keeper:ident $trait:ident ($closure:ident => $callee:expr)
        [$($declared:tt)*] [$($name:ident,)*] [$self:ty] [$direct:expr] [$($on_panic:tt)?]
        [$($lifetime:lifetime,)*] $abi:literal
        ($($arg:ident: $type:ty,)*) -> $return:ty
    ) => {
        // SAFETY: each function has the signature's arguments and result, the handler also the slot; it runs what the
        // slot leads to, which is a keeper of this type because the slot was claimed with these entry points.
        unsafe impl<$($declared)* __F, __T> $crate::__private::Entry<$crate::__private::$keeper<__F, __T>> for $self
        where
            __F: for<$($lifetime,)*> $crate::__private::$trait($($type),*) -> $return,
            __T: $crate::__private::Threads,
        {
            type Owner = ($self, $crate::__private::$keeper<__F, __T>);
            const ENTRY_POINTS: &'static $crate::__private::EntryPoints = {
                #[allow(improper_ctypes_definitions, reason = "rustc checks the user's declaration, not this one")]
                #[allow(unused_mut, reason = "only an exclusive closure is borrowed mutably")]
                unsafe extern $abi fn __handler<$($lifetime,)* $($declared)* __F, __T>(
                    $($arg: $type,)*
                    __call: $crate::__private::MappedCall,
                ) -> $return
                where
                    __F: $crate::__private::$trait($($type),*) -> $return,
                    __T: $crate::__private::Threads,
                {
                    $crate::__private::contained! {
                        [$self] $($on_panic)?
                        // SAFETY: a mapped thunk passes its own slot, bound to this keeper.
                        unsafe { <$crate::__private::$keeper<__F, __T> as $crate::__private::Keeper>::pending(__call) },
                        {
                            // SAFETY: as above.
                            let mut $closure = unsafe { $crate::__private::$keeper::<__F, __T>::enter(__call) };
                            ($callee)($($arg),*)
                        }
                    }
                }
                #[allow(improper_ctypes_definitions, reason = "rustc checks the user's declaration, not this one")]
                #[allow(unused_mut, reason = "only an exclusive closure is borrowed mutably")]
                unsafe extern $abi fn __thunk<$($lifetime,)* $($declared)* __F, __T, const __INDEX: usize>(
                    $($arg: $type,)*
                ) -> $return
                where
                    __F: $crate::__private::$trait($($type),*) -> $return,
                    __T: $crate::__private::Threads,
                {
                    let __call = $crate::__private::enter_direct::<($self, $crate::__private::$keeper<__F, __T>), __INDEX>();
                    $crate::__private::contained! {
                        [$self] $($on_panic)?
                        // SAFETY: the slot has the tag of this signature and keeper.
                        unsafe { <$crate::__private::$keeper<__F, __T> as $crate::__private::Keeper>::pending(__call) },
                        {
                            // SAFETY: as above.
                            let mut $closure = unsafe { $crate::__private::$keeper::<__F, __T>::enter(__call) };
                            ($callee)($($arg),*)
                        }
                    }
                }
                &$crate::__private::EntryPoints {
                    direct: $crate::__private::thunks!(__thunk, [$($name,)* __F, __T,], $direct;
                        0 1 2 3 4 5 6 7),
                    direct_count: $direct,
                    handler: __handler::<$($name,)* __F, __T> as *const (),
                }
            };
        }
    };
}

/// The body of a thunk or handler, as its signature's `on_panic` will have it.
#[doc(hidden)]
#[macro_export]
macro_rules! __contained {
    (@waiting) => {
        $crate::__private::Nowhere
    };
    (@waiting [abort]) => {
        $crate::__private::Nowhere
    };
    (@waiting [return $($rest:tt)*]) => {
        $crate::__private::InFrame
    };
    (@value [$([abort])?] $($rest:tt)*) => {};
    // In one place for all thunks and handlers, where errors are reported once.
    (@value [[return $value:expr, $hook:expr]]
        [$($declared:tt)*] [$self:ty] [$($lifetime:lifetime,)*] -> $return:ty
    ) => {
        impl<$($declared)*> $self {
            const fn __panic_value<$($lifetime,)*>() -> $return {
                $value
            }
            const __PANIC_HOOK: $crate::__private::PanicHook = $hook;
        }
    };
    ([$self:ty] $pending:expr, $call:block) => {
        $call
    };
    ([$self:ty] [abort] $pending:expr, $call:block) => {
        $crate::__private::abort_on_panic(|| $call)
    };
    // A constant: nothing is run that could panic again.
    ([$self:ty] [return $($rest:tt)*] $pending:expr, $call:block) => {
        $crate::__private::contain($pending, <$self>::__PANIC_HOOK, || const { <$self>::__panic_value() }, || $call)
    };
}

/// The first `$count` of the thunks; the compiler makes no code for the others.
#[doc(hidden)]
#[macro_export]
macro_rules! __thunks {
    ($thunk:ident, $generics:tt, $count:expr; $($index:literal)*) => {
        [$($crate::__private::thunks!(@one $thunk, $generics, $count, $index)),*]
    };
    (@one $thunk:ident, [$($generic:ident,)*], $count:expr, $index:literal) => {
        if $index < $count { $thunk::<$($generic,)* $index> as *const () } else { ::core::ptr::null() }
    };
}

/// The signatures without lifetimes, of every arity, under one calling convention.
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
            generics: [$($Arg,)* R,] [$($Arg,)* R,];
            type: unsafe extern $abi fn($($Arg),*) -> R;
            pointer: unsafe extern $abi fn($($Arg),*) -> R;
            declared: unsafe extern $abi fn($($Arg),*) -> R;
            direct: $crate::__private::DIRECT_DEFAULT;
            fn: for<> extern $abi fn($($arg: $Arg,)*) -> R;
        }
        // The safe function pointer has its unsafe twin's code.
        // SAFETY: both have the same arguments, result and convention.
        unsafe impl<$($Arg,)* R> $crate::__private::Signature for extern $abi fn($($Arg),*) -> R {
            type Pointer = unsafe extern $abi fn($($Arg),*) -> R;
            type Declared = extern $abi fn($($Arg),*) -> R;
            type Waiting = $crate::__private::Nowhere;
            const VIA: $crate::__private::Via = <Self::Pointer as $crate::__private::Signature>::VIA;
            #[inline]
            unsafe fn pointer(entry: *const (), data: $crate::UserData) -> Self::Pointer {
                // SAFETY: the caller passes an entry point of this signature.
                unsafe { <Self::Pointer as $crate::__private::Signature>::pointer(entry, data) }
            }
            #[inline]
            unsafe fn declared(entry: *const (), _: $crate::UserData) -> Self::Declared {
                // SAFETY: the caller passes an entry point of this signature, valid for ever.
                unsafe { core::mem::transmute::<*const (), Self::Declared>(entry) }
            }
        }
        // SAFETY: as above.
        unsafe impl<K, $($Arg,)* R> $crate::__private::Entry<K> for extern $abi fn($($Arg),*) -> R
        where
            unsafe extern $abi fn($($Arg),*) -> R: $crate::__private::Entry<K>,
        {
            type Owner = <<Self as $crate::__private::Signature>::Pointer as $crate::__private::Entry<K>>::Owner;
            const ENTRY_POINTS: &'static $crate::__private::EntryPoints = <<Self as $crate::__private::Signature>::Pointer as $crate::__private::Entry<K>>::ENTRY_POINTS;
        }
    };
}
pub(crate) use signatures;
