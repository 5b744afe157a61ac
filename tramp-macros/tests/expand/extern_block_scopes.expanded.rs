//! Form A: every scope, and a handler that is put back.
///
/// # Closures
///
/// * `run`: C calls it once, maybe after this function has returned, and the call frees it. Any thread may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn atexit(run: impl FnOnce() + Send + 'static) -> c_int {
    struct __tramp_run {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_run; pointer : unsafe extern "C" fn (); declared : unsafe
        extern "C" fn (); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < >
        extern "C" fn () -> ();
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn atexit(run: unsafe extern "C" fn()) -> c_int;
        }
        atexit
    };
    let __tramp_owner_run = ::tramp_rt::__private::created(
        ::tramp_rt::__private::prepare::<
            __tramp_run,
            _,
            ::tramp_rt::__private::Once,
            ::tramp_rt::__private::AnyThread,
        >(run),
    );
    {
        let run = ::tramp_rt::__private::Prepared::give(__tramp_owner_run);
        unsafe { __tramp_function(run) }
    }
}
///
/// # Closures
///
/// * `log`: C has it for the rest of the process. Any thread may call it, several at once.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn set_logger(log: Option<impl Fn(&CStr) + Send + Sync + 'static>) {
    struct __tramp_log {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_log; pointer : unsafe extern "C" fn (& CStr); declared :
        unsafe extern "C" fn (& CStr); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn
        : for < > extern "C" fn (__tramp_arg0 : & CStr,) -> ();
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn set_logger(log: Option<unsafe extern "C" fn(&CStr)>);
        }
        set_logger
    };
    let __tramp_owner_log = ::tramp_rt::__private::created(
        ::tramp_rt::__private::prepare_nullable::<
            __tramp_log,
            _,
            ::tramp_rt::__private::Shared,
            ::tramp_rt::__private::AnyThread,
        >(log),
    );
    {
        let log = ::core::option::Option::map(
            __tramp_owner_log,
            ::tramp_rt::__private::Prepared::give,
        );
        unsafe { __tramp_function(log) }
    }
}
/// The signature of the closure that [`add_listener`](add_listener()) takes.
pub struct add_listener {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : add_listener; pointer : unsafe extern "C" fn (c_int); declared :
        unsafe extern "C" fn (c_int); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn
        : for < > extern "C" fn (__tramp_arg0 : c_int,) -> ();
    }
};
/// Adds a listener.
///
/// # Closures
///
/// * `listener`: C has it until the trampoline that this function returns is dropped. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
pub unsafe fn add_listener(
    listener: impl Fn(c_int) + 'static,
) -> (c_int, ::tramp_rt::Trampoline<add_listener, ::tramp_rt::ThisThread>) {
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn add_listener(listener: unsafe extern "C" fn(c_int)) -> c_int;
        }
        add_listener
    };
    let __tramp_owner_listener = ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<add_listener>::local(listener),
    );
    let listener = ::tramp_rt::Trampoline::as_fn(&__tramp_owner_listener);
    let __tramp_result = unsafe { __tramp_function(listener) };
    (__tramp_result, __tramp_owner_listener)
}
///
/// # Closures
///
/// * `filter`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn select(filter: Option<impl FnMut(c_int) -> c_int>) {
    struct __tramp_filter {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_filter; pointer : unsafe extern "C" fn (c_int) -> c_int;
        declared : unsafe extern "C" fn (c_int) -> c_int; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn (__tramp_arg0 :
        c_int,) -> c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn select(filter: Option<unsafe extern "C" fn(c_int) -> c_int>);
        }
        select
    };
    ::tramp_rt::__private::PendingPanic::resume_after(|__tramp_pending| ::tramp_rt::__private::created(
        ::tramp_rt::__private::lend_nullable::<
            __tramp_filter,
            _,
            ::tramp_rt::__private::Exclusive,
            ::tramp_rt::__private::ThisThread,
            _,
        >(__tramp_pending, filter, |filter| { unsafe { __tramp_function(filter) } }),
    ))
}
/// The signature of the closure that [`signal`](signal()) takes.
struct signal {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : signal; pointer : unsafe extern "C" fn (c_int); declared : unsafe
        extern "C" fn (c_int); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for <
        > extern "C" fn (__tramp_arg0 : c_int,) -> ();
    }
};
///
/// # Closures
///
/// * `handler`: C has it until the trampoline that this function returns is dropped. Any thread may call it, several at once.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[allow(improper_ctypes_definitions, reason = "rustc says it of the declaration inside")]
#[track_caller]
unsafe fn signal(
    number: c_int,
    handler: impl Fn(c_int) + Send + Sync + 'static,
) -> ::tramp_rt::Installed<
    signal,
    ::tramp_rt::AnyThread,
    Option<unsafe extern "C" fn(c_int)>,
> {
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn signal(
                number: c_int,
                handler: Option<unsafe extern "C" fn(c_int)>,
            ) -> Option<unsafe extern "C" fn(c_int)>;
        }
        signal
    };
    ::tramp_rt::__private::install(
        ::tramp_rt::__private::created(::tramp_rt::Trampoline::<signal>::new(handler)),
        ::tramp_rt::__private::replaced::<
            unsafe extern "C" fn(c_int),
            Option<unsafe extern "C" fn(c_int)>,
        >,
        move |handler: Option<unsafe extern "C" fn(c_int)>| unsafe {
            __tramp_function(number, handler)
        },
    )
}
///
/// # Closures
///
/// * `handler`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[allow(improper_ctypes_definitions, reason = "rustc says it of the declaration inside")]
#[track_caller]
unsafe fn set_handler<__TrampR>(
    handler: impl FnMut(c_int),
    __tramp_body: impl ::core::ops::FnOnce() -> __TrampR,
) -> __TrampR {
    struct __tramp_handler {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_handler; pointer : unsafe extern "C" fn (c_int); declared :
        unsafe extern "C" fn (c_int); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn
        : for < > extern "C" fn (__tramp_arg0 : c_int,) -> ();
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn set_handler(
                handler: unsafe extern "C" fn(c_int),
            ) -> unsafe extern "C" fn(c_int);
        }
        set_handler
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_handler,
        >::scoped_mut(
            handler,
            |handler| ::tramp_rt::while_installed(
                ::tramp_rt::__private::replaced::<
                    unsafe extern "C" fn(c_int),
                    unsafe extern "C" fn(c_int),
                >(handler),
                move |handler: unsafe extern "C" fn(c_int)| unsafe {
                    __tramp_function(handler)
                },
                __tramp_body,
            ),
        ),
    )
}
