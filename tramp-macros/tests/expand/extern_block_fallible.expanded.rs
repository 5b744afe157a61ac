//! Form A: functions that return an error where others panic.
/// Sorts.
///
/// # Closures
///
/// * `compare`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Errors
///
/// If no trampoline can be created for a closure. Then C is not called, and the closures are dropped.
#[track_caller]
unsafe fn qsort(
    base: *mut c_void,
    count: usize,
    size: usize,
    compare: impl FnMut(*const c_void, *const c_void) -> c_int,
) -> ::core::result::Result<(), ::tramp_rt::Error> {
    struct __tramp_compare {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_compare; pointer : unsafe extern "C" fn (* const c_void, *
        const c_void) -> c_int; declared : unsafe extern "C" fn (* const c_void, * const
        c_void) -> c_int; direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < >
        extern "C" fn (__tramp_arg0 : * const c_void, __tramp_arg1 : * const c_void,) ->
        c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn qsort(
                base: *mut c_void,
                count: usize,
                size: usize,
                compare: unsafe extern "C" fn(*const c_void, *const c_void) -> c_int,
            );
        }
        qsort
    };
    ::tramp_rt::__private::lent(
        ::tramp_rt::Trampoline::<
            __tramp_compare,
        >::scoped_mut(
            compare,
            |compare| ::core::result::Result::Ok(unsafe {
                __tramp_function(base, count, size, compare)
            }),
        ),
    )
}
/// The signature of the closure that [`walk`](walk()) takes.
struct walk {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : walk; pointer : unsafe extern "C" fn (c_int); declared : unsafe extern
        "C" fn (c_int); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < >
        extern "C" fn (__tramp_arg0 : c_int,) -> ();
    }
};
///
/// # Closures
///
/// * `enter`: C has it until this function returns. Only the thread that calls this function may call it.
/// * `leave`: C has it until the trampoline that this function returns is dropped. Only the thread that calls this function may call it.
/// * `freed`: C calls it once, maybe after this function has returned, and the call frees it. Only the thread that calls this function may call it.
///
/// # Errors
///
/// If no trampoline can be created for a closure. Then C is not called, and the closures are dropped.
#[track_caller]
unsafe fn walk(
    enter: impl FnMut(c_int),
    leave: impl FnMut(c_int) + 'static,
    freed: impl FnOnce() + 'static,
) -> ::core::result::Result<
    (c_int, ::tramp_rt::Trampoline<walk, ::tramp_rt::ThisThread>),
    ::tramp_rt::Error,
> {
    struct __tramp_enter {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_enter; pointer : unsafe extern "C" fn (c_int); declared :
        unsafe extern "C" fn (c_int); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn
        : for < > extern "C" fn (__tramp_arg0 : c_int,) -> ();
    }
    struct __tramp_freed {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_freed; pointer : unsafe extern "C" fn (); declared : unsafe
        extern "C" fn (); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < >
        extern "C" fn () -> ();
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn walk(
                enter: unsafe extern "C" fn(c_int),
                leave: unsafe extern "C" fn(c_int),
                freed: unsafe extern "C" fn(),
            ) -> c_int;
        }
        walk
    };
    let __tramp_owner_leave = ::tramp_rt::Trampoline::<walk>::local_mut(leave)?;
    let leave = ::tramp_rt::Trampoline::as_fn(&__tramp_owner_leave);
    let __tramp_owner_freed = ::tramp_rt::__private::prepare::<
        __tramp_freed,
        _,
        ::tramp_rt::__private::Once,
        ::tramp_rt::__private::ThisThread,
    >(freed)?;
    let __tramp_result = ::tramp_rt::__private::lent(
        ::tramp_rt::Trampoline::<
            __tramp_enter,
        >::scoped_mut(
            enter,
            |enter| {
                let freed = ::tramp_rt::__private::Prepared::give(__tramp_owner_freed);
                ::core::result::Result::Ok(unsafe {
                    __tramp_function(enter, leave, freed)
                })
            },
        ),
    )?;
    ::core::result::Result::Ok((__tramp_result, __tramp_owner_leave))
}
