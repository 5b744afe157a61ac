//! What C calls: the code that the compiler makes for a closure under a signature.
//!
//! Text of macros, used here for function pointer types without lifetimes and by `#[trampoline]` for the others. So it
//! names what it needs by `__private`; all of that is of `closure`, `claim` and `signature`. `arch` says which calling
//! conventions there are.

pub(crate) mod data;
mod pointers;

/// Makes a type a [`Signature`] and gives it its thunks, handlers and probe.
///
/// The parts are those of a function pointer type; `generics` lists the type parameters as declared and by name,
/// `direct` says how many direct thunks each closure type gets, `on_panic` what becomes of a panic. Names of its own
/// begin with two underscores: type parameters are not hygienic, and the user's types may be called anything.
#[doc(hidden)]
#[macro_export]
macro_rules! __signature {
    (
        $(#[$attr:meta])*
        generics: [$($declared:tt)*] [$($name:ident,)*];
        type: $self:ty;
        pointer: $pointer:ty;
        declared: $as_declared:ty;
        direct: $direct:expr;
        $(on_panic: $on_panic:tt;)?
        fn: for<$($lifetime:lifetime,)*> extern $abi:literal fn($($arg:ident: $type:ty,)*) -> $return:ty;
    ) => {
        $crate::__private::contained! { @value [$($on_panic)?] [$($declared)*] [$self] [$($lifetime,)*] -> $return }
        $(#[$attr])*
        // SAFETY: both pointer types are those of the entry points below, and the probe has their arguments and result
        // with one more argument of the class of a pointer.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self {
            type Pointer = $pointer;
            type Declared = $as_declared;
            type Waiting = $crate::__private::contained!(@waiting $($on_panic)?);
            const VIA: $crate::__private::Via = $crate::__private::Via::Slot({
                // `ManuallyDrop`, for rustc passes a `MaybeUninit` of an over-aligned struct of up to 16 bytes otherwise than
                // the struct on aarch64 (tests/packages/abi). What arrives may be no value of its type; nothing reads it.
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
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
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
