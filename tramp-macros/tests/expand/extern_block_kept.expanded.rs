//! Form A: closures that C keeps, called by any thread or by this one.
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
unsafe fn set_logger(log: impl Fn(&CStr) + Send + Sync + 'static) {
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
            fn set_logger(log: unsafe extern "C" fn(&CStr));
        }
        set_logger
    };
    let __tramp_owner_log = ::tramp_rt::__private::created(
        ::tramp_rt::__private::prepare::<
            __tramp_log,
            _,
            ::tramp_rt::__private::Shared,
            ::tramp_rt::__private::AnyThread,
        >(log),
    );
    {
        let log = ::tramp_rt::__private::Prepared::give(__tramp_owner_log);
        unsafe { __tramp_function(log) }
    }
}
///
/// # Closures
///
/// * `handler`: C has it for the rest of the process. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn set_progress_handler(every: c_int, handler: impl FnMut() -> c_int + 'static) {
    struct __tramp_handler {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_handler; pointer : unsafe extern "C" fn () -> c_int; declared
        : unsafe extern "C" fn () -> c_int; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn () -> c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn set_progress_handler(
                every: c_int,
                handler: unsafe extern "C" fn() -> c_int,
            );
        }
        set_progress_handler
    };
    let __tramp_owner_handler = ::tramp_rt::__private::created(
        ::tramp_rt::__private::prepare::<
            __tramp_handler,
            _,
            ::tramp_rt::__private::Exclusive,
            ::tramp_rt::__private::ThisThread,
        >(handler),
    );
    {
        let handler = ::tramp_rt::__private::Prepared::give(__tramp_owner_handler);
        unsafe { __tramp_function(every, handler) }
    }
}
