//! What C calls: the code that the compiler makes for a closure under a signature.
//!
//! These are macros. This crate invokes them for function pointer types without lifetimes, and `#[trampoline]` invokes
//! them for the others. So the macros name what they need by `__private`. All of that comes from `closure`, `claim` and
//! `signature`. `arch` says which calling conventions there are.

pub(crate) mod destroy;
#[cfg(feature = "mapped")]
pub(crate) mod dynamic;
mod variadic;
// Lints do not look into the macros where other crates invoke them.
#[allow(unused_mut, reason = "only an exclusive closure is borrowed mutably")]
#[allow(clippy::extra_unused_type_parameters, reason = "they are there to be in the way")]
mod pointers;

/// Makes a type a [`Signature`] and gives it its entry points. Either C reaches them by a slot, with thunks, handlers
/// and a probe. Or one of the arguments is the user data, and C reaches them by that.
///
/// The parts are those of a function pointer type. `generics` lists the type parameters, first as declared and then by
/// name. `direct` says how many direct thunks each closure type gets, and `on_panic` says where a panic goes. The user
/// data stands in brackets. The macro's own names begin with `__tramp`, and `#[trampoline]` accepts no such name in a
/// user's tokens, because type parameters and items have no hygiene.
///
/// The macro writes unsafe code. The code that invokes it gives the [`Promise`](crate::__private::Promise) for that.
#[doc(hidden)]
#[macro_export]
macro_rules! __signature {
    (
        $(#[$attr:meta])*
        promise: $promise:expr;
        generics: [$($declared:tt)*] [$($name:ident,)*];
        type: $self:ty;
        pointer: $pointer:ty;
        declared: $as_declared:ty;
        direct: $direct:expr;
        $(on_panic: $on_panic:tt;)?
        fn: for<$($lifetime:lifetime,)*> extern $abi:literal fn($($arg:ident: $type:ty,)*) -> $return:ty;
    ) => {
        const _: $crate::__private::Promise = $promise;
        $crate::__private::contained! { @value [$($on_panic)?] [$($declared)*] [$self] [$($lifetime,)*]
            ($($type,)*) -> $return }
        $(#[$attr])*
        // SAFETY: both pointer types are those of the entry points below. The probe has their arguments and result, and
        // one more argument of the same class as a pointer.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self {
            type Pointer = $pointer;
            type Declared = $as_declared;
            type Identity = $self;
            type Panics = $crate::__private::contained!(@panics $($on_panic)?);
            const DELIVERY: $crate::__private::Delivery = $crate::__private::Delivery::Slot({
                $crate::__private::as_outside! {
                    <$self as $crate::__private::Signature>::Pointer: [$($declared)*] [$($name,)*] [$($lifetime,)*] $abi ($($type,)*) -> $return
                }
                // `ManuallyDrop` and not `MaybeUninit`, because on aarch64 rustc passes an over-aligned struct of up to
                // 16 bytes in one way and a `MaybeUninit` of it in another (tests/packages/abi). The arguments may be
                // no values of their types; nothing reads them.
                extern $abi fn __tramp_probe<$($lifetime,)* $($declared)*>(
                    $(_: $crate::__private::ManuallyDrop<$type>,)*
                    __tramp_slot: $crate::__private::usize,
                ) -> $crate::__private::MaybeUninit<$return> {
                    $crate::__private::report(__tramp_slot);
                    $crate::__private::MaybeUninit::uninit()
                }
                const fn __tramp_layout<$($lifetime,)* $($declared)*>() -> $crate::__private::ArgumentLayout {
                    $crate::__private::ArgumentLayout::of_return::<$crate::__private::MaybeUninit<$return>>()
                        $(.argument::<$crate::__private::MaybeUninit<$type>>())*
                }
                &$crate::__private::Probe::new(__tramp_probe::<$($name,)*> as *const (), __tramp_layout::<$($name,)*>())
            });
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
            [$promise] [$($declared)*] [$($name,)*] [] [$self] [$direct] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($arg: $type,)*) [] () -> $return
        } }
    };
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
            type Pointer = ($pointer, $data_type);
            // Always an `unsafe` function pointer, because the function would follow any user data.
            type Declared = Self::Pointer;
            type Identity = $self;
            type Panics = $crate::__private::contained!(@panics $($on_panic)?);
            const DELIVERY: $crate::__private::Delivery = {
                $crate::__private::as_outside! {
                    <<$self as $crate::__private::Signature>::Pointer as $crate::__private::WithData>::Function:
                    [$($declared)*] [$($name,)*] [$($lifetime,)*] $abi
                    ($($before_type,)* $data_type, $($after_type,)*) -> $return
                }
                $crate::__private::Delivery::UserData
            };
            #[inline]
            unsafe fn pointer(__tramp_entry: *const (), __tramp_data: $crate::UserData) -> Self::Pointer {
                // SAFETY: `entry` is a function of this signature and not null: the condition of `pointer`.
                (unsafe { $crate::__private::transmute::<*const (), $pointer>(__tramp_entry) }, $crate::__private::AsUserData::of(__tramp_data))
            }
            #[inline]
            unsafe fn declared(__tramp_entry: *const (), __tramp_data: $crate::UserData) -> Self::Declared {
                // SAFETY: `entry` is a function of this signature and its closure stays: the conditions of `declared`.
                unsafe { Self::pointer(__tramp_entry, __tramp_data) }
            }
        }
        $crate::__private::entry! { {
            [$promise] [$($declared)*] [$($name,)*] [] [$self] [0] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return
        } }
    };
}

/// The entry points of a signature, for each way to use a closure.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($signature:tt) => {
        $crate::__private::entry! { @run Shared Fn (__tramp_closure => *__tramp_closure) $signature }
        $crate::__private::entry! { @run Exclusive FnMut (__tramp_closure => *__tramp_closure) $signature }
        $crate::__private::entry! { @run Once FnOnce (__tramp_closure => __tramp_closure) $signature }
    };
    (@run $run:ident $trait:ident $callee:tt {
        [$promise:expr] [$($declared:tt)*] [$($name:ident,)*] [$($bounds:tt)*] [$self:ty] [$direct:expr] [$($on_panic:tt)?]
        [$($lifetime:lifetime,)*] $abi:literal
        ($($before:ident: $before_type:ty,)*) $data:tt ($($after:ident: $after_type:ty,)*)
        -> $return:ty
    }) => {
        const _: $crate::__private::Promise = $promise;
        // SAFETY: each function has the signature's arguments and result. The handler also takes the slot. Each
        // function runs what the slot or the user data leads to. That is a callee of this type, because it was bound
        // with these entry points.
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        unsafe impl<$($declared)* __TrampF, __TrampT, __TrampL> $crate::__private::Accepts<$crate::__private::Callee<__TrampF, $crate::__private::$run, __TrampT, __TrampL>> for $self
        where
            __TrampF: for<$($lifetime,)*> $crate::__private::$trait($($before_type,)* $($after_type,)*) -> $return,
            __TrampT: $crate::__private::Threads,
            __TrampL: $crate::__private::Lease,
            $($bounds)*
        {
            const CODE: &'static $crate::__private::Code = {
                $crate::__private::entry! { @code $run $trait $callee
                    [$($declared)*] [$($name,)*] [$($bounds)*] [$self] [$direct] [$($on_panic)?] [$($lifetime,)*] $abi
                    ($($before: $before_type,)*) $data ($($after: $after_type,)*) -> $return }
            };
        }
    };
    (@code $run:ident $trait:ident $callee:tt
        [$($declared:tt)*] [$($name:ident,)*] [] [$self:ty] [$direct:expr] $on_panic:tt [$($lifetime:lifetime,)*] $abi:literal
        ($($arg:ident: $type:ty,)*) [] () -> $return:ty
    ) => {
        unsafe extern $abi fn __tramp_handler<$($lifetime,)* $($declared)* __TrampF, __TrampT, __TrampL>(
            $($arg: $crate::__private::Same<$type>,)*
            __tramp_call: $crate::__private::MappedCall,
        ) -> $crate::__private::Same<$return>
        where
            __TrampF: $crate::__private::$trait($($type),*) -> $return,
            __TrampT: $crate::__private::Threads,
            __TrampL: $crate::__private::Lease,
        {
            // A mapped thunk passes its own slot, and the slot is bound to this callee.
            $crate::__private::entry! { @body $run $callee [$self] $on_panic __tramp_call ($($arg),*) }
        }
        unsafe extern $abi fn __tramp_thunk<$($lifetime,)* $($declared)* __TrampF, __TrampT, __TrampL, const __TRAMP_INDEX: $crate::__private::usize>(
            $($arg: $crate::__private::Same<$type>,)*
        ) -> $crate::__private::Same<$return>
        where
            __TrampF: $crate::__private::$trait($($type),*) -> $return,
            __TrampT: $crate::__private::Threads,
            __TrampL: $crate::__private::Lease,
        {
            // SAFETY: C has just called this thunk of this type, and nothing else here is made from that call. `in_tag`
            // is the thread that the type's tags contain, if they contain one.
            let __tramp_call = unsafe {
                $crate::__private::enter_direct::<($self, $crate::__private::Callee<__TrampF, $crate::__private::$run, __TrampT, __TrampL>), __TRAMP_INDEX>(
                    <__TrampT as $crate::__private::Threads>::in_tag()
                )
            };
            // The slot has the tag of this signature and callee.
            $crate::__private::entry! { @body $run $callee [$self] $on_panic __tramp_call ($($arg),*) }
        }
        &$crate::__private::Code {
            direct: $crate::__private::thunks!(__tramp_thunk, [$($name,)* __TrampF, __TrampT, __TrampL,], $direct; 0 1 2 3 4 5 6 7),
            direct_count: $direct,
            handler: __tramp_handler::<$($name,)* __TrampF, __TrampT, __TrampL> as *const (),
            tell: $crate::__private::None,
        }
    };
    (@code $run:ident $trait:ident $callee:tt
        [$($declared:tt)*] [$($name:ident,)*] [] [$self:ty] [$direct:expr] $on_panic:tt [$($lifetime:lifetime,)*] $abi:literal
        ($($before:ident: $before_type:ty,)*) [$data:ident: $data_type:ty] ($($after:ident: $after_type:ty,)*) -> $return:ty
    ) => {
        unsafe extern $abi fn __tramp_handler<$($lifetime,)* $($declared)* __TrampF, __TrampT, __TrampL>(
            $($before: $crate::__private::Same<$before_type>,)*
            $data: $data_type,
            $($after: $crate::__private::Same<$after_type>,)*
        ) -> $crate::__private::Same<$return>
        where
            __TrampF: $crate::__private::$trait($($before_type,)* $($after_type,)*) -> $return,
            __TrampT: $crate::__private::Threads,
            __TrampL: $crate::__private::Lease,
        {
            // SAFETY: C has just called this function, with the user data that it got together with it.
            let __tramp_call = unsafe { $crate::__private::DataCall::new($crate::__private::AsUserData::data($data)) };
            // The data leads to this callee, because it was made with this function.
            $crate::__private::entry! { @body $run $callee [$self] $on_panic __tramp_call ($($before,)* $($after),*) }
        }
        &$crate::__private::Code {
            direct: [$crate::__private::null(); $crate::__private::DIRECT_MAX],
            direct_count: $direct,
            handler: __tramp_handler::<$($name,)* __TrampF, __TrampT, __TrampL> as *const (),
            tell: $crate::__private::None,
        }
    };
    // C passes `...`. There is only a handler, and it takes what the spill routine passes.
    (@code $run:ident $trait:ident $callee:tt
        [$($declared:tt)*] [$($name:ident,)*] [$($bounds:tt)*] [$self:ty] [$direct:expr] $on_panic:tt [$($lifetime:lifetime,)*] $abi:literal
        ($($arg:ident: $type:ty,)*) [...] ($va:ident: $va_type:ty,) -> $return:ty
    ) => {{
        unsafe extern $abi fn __tramp_handler<$($lifetime,)* $($declared)* __TrampF, __TrampT, __TrampL>(
            __tramp_spilled: *const (),
            __tramp_stack: *const (),
            __tramp_call: $crate::__private::MappedCall,
        ) -> $crate::__private::marshaled!([<$return as $crate::__private::Returned>::Value] [$return])
        where
            __TrampF: $crate::__private::$trait($($type,)* $va_type) -> $return,
            __TrampT: $crate::__private::Threads,
            __TrampL: $crate::__private::Lease,
            $($bounds)*
        {
            // SAFETY: the spill routine passes these two for each call, and this is such a call.
            let mut __tramp_arguments = unsafe { $crate::__private::VariadicCall::new(__tramp_spilled, __tramp_stack) };
            $(
                // SAFETY: C passes the signature's named arguments in this order.
                let $arg = unsafe { $crate::__private::VariadicCall::named::<$type>(&mut __tramp_arguments) };
            )*
            // SAFETY: the named arguments have been read. The closure gets the others for the length of this call.
            let $va = unsafe { $crate::__private::VariadicCall::rest(__tramp_arguments) };
            // A mapped thunk passes its own slot, and the slot is bound to this callee.
            let __tramp_returned: $return = $crate::__private::entry! {
                @body $run $callee [$self] $on_panic __tramp_call ($($arg,)* $va)
            };
            $crate::__private::marshaled!([$crate::__private::Returned::returned(__tramp_returned)] [__tramp_returned])
        }
        &$crate::__private::Code {
            direct: [$crate::__private::null(); $crate::__private::DIRECT_MAX],
            direct_count: 0,
            handler: __tramp_handler::<$($name,)* __TrampF, __TrampT, __TrampL> as *const (),
            tell: $crate::__private::None,
        }
    }};
    // Each of these functions runs the closure of the call.
    (@body $run:ident ($closure:ident => $callee:expr) [$self:ty] [$($on_panic:tt)?] $call:ident $arguments:tt) => {
        $crate::__private::contained! {
            [$self] $($on_panic)?
            // SAFETY: the call's slot or user data leads to this callee; the comment where this is invoked says why.
            unsafe { $crate::__private::Callee::<__TrampF, $crate::__private::$run, __TrampT, __TrampL>::pending($call) },
            {
                // SAFETY: the call's slot or user data leads to this callee, which stays until the call returns.
                let mut $closure = unsafe { $crate::__private::Callee::<__TrampF, $crate::__private::$run, __TrampT, __TrampL>::enter($call) };
                ($callee) $arguments
            }
        }
    };
}

/// The body of a thunk or handler, with the signature's `on_panic`.
#[doc(hidden)]
#[macro_export]
macro_rules! __contained {
    (@panics) => {
        $crate::__private::Uncaught
    };
    (@panics [abort]) => {
        $crate::__private::Uncaught
    };
    (@panics [return $($rest:tt)*]) => {
        $crate::__private::Caught
    };
    (@value [$([abort])?] $($rest:tt)*) => {};
    // Written once for all thunks and handlers, so that the compiler reports an error in it once.
    (@value [[return $value:expr, $hook:expr]]
        [$($declared:tt)*] [$self:ty] [$($lifetime:lifetime,)*] ($($type:ty,)*) -> $return:ty
    ) => {
        impl<$($declared)*> $self {
            // The result may have the lifetime of an argument, and that lifetime may have no name.
            const fn __tramp_panic_value<$($lifetime,)*>(_: $crate::__private::PhantomData<($($type,)*)>) -> $return {
                $value
            }
            const __TRAMP_PANIC_HOOK: $crate::__private::PanicHook = $hook;
        }
    };
    ([$self:ty] $pending:expr, $call:block) => {
        $call
    };
    ([$self:ty] [abort] $pending:expr, $call:block) => {
        $crate::__private::abort_on_panic(|| $call)
    };
    // The value is a constant, so that no code runs that could panic again.
    ([$self:ty] [return $($rest:tt)*] $pending:expr, $call:block) => {
        $crate::__private::contain($pending, <$self>::__TRAMP_PANIC_HOOK, || const { <$self>::__tramp_panic_value($crate::__private::PhantomData) }, || $call)
    };
}

/// The first `$count` thunks. The compiler makes no code for the others.
#[doc(hidden)]
#[macro_export]
macro_rules! __thunks {
    ($thunk:ident, $generics:tt, $count:expr; $($index:literal)*) => {
        [$($crate::__private::thunks!(@one $thunk, $generics, $count, $index)),*]
    };
    (@one $thunk:ident, [$($generic:ident,)*], $count:expr, $index:literal) => {
        if $index < $count { $thunk::<$($generic,)* $index> as *const () } else { $crate::__private::null() }
    };
}

/// Compiles only if none of the user's types means another type among the type parameters of thunks and handlers.
///
/// The types are written twice: beside those parameters, and in `$pointer` without them. `#[trampoline]` has checked
/// the names in the user's tokens. It cannot check those that a macro in type position expands to.
#[doc(hidden)]
#[macro_export]
macro_rules! __as_outside {
    (
        $pointer:ty: [$($declared:tt)*] [$($name:ident,)*] [$($lifetime:lifetime,)*] $abi:literal
        ($($type:ty,)*) -> $return:ty
    ) => {
        unsafe extern $abi fn __tramp_beside<
            $($lifetime,)* $($declared)* __TrampF, __TrampT, __TrampL, const __TRAMP_INDEX: $crate::__private::usize
        >($(_: $crate::__private::Same<$type>,)*) -> $crate::__private::Same<$return> {
            loop {}
        }
        // The compiler has to check this function. Nothing calls it.
        fn __tramp_as_outside<$($declared)* __TrampF, __TrampT, __TrampL, const __TRAMP_INDEX: $crate::__private::usize>() {
            let _ = __tramp_beside::<$($name,)* __TrampF, __TrampT, __TrampL, __TRAMP_INDEX> as $pointer;
        }
    };
}
