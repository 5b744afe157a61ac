//! Closures that C reaches through user data.
///
/// # Closures
///
/// * `visit`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn each(count: c_int, visit: impl FnMut(c_int) -> c_int) {
    struct __tramp_visit {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_visit; pointer : unsafe extern "C" fn (UserData, c_int) ->
        c_int; fn : for < > extern "C" fn ([__tramp_arg0 : UserData] __tramp_arg1 :
        c_int,) -> c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn each(
                count: c_int,
                visit: unsafe extern "C" fn(UserData, c_int) -> c_int,
                data: UserData,
            );
        }
        each
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_visit,
        >::scoped_mut(
            visit,
            |(visit, data)| unsafe { __tramp_function(count, visit, data) },
        ),
    )
}
///
/// # Closures
///
/// * `call`: C has it until C destroys it. Any thread may call it, one at a time.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn listen(call: impl FnMut(&Event) -> c_int + Send + 'static) {
    struct __tramp_call {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_call; pointer : unsafe extern "C" fn (& Event, UserData) ->
        c_int; on_panic : [return - 1, report]; fn : for < > extern "C" fn (__tramp_arg0
        : & Event, [__tramp_arg1 : UserData]) -> c_int;
    }
    struct __tramp_destroy {}
    ::tramp_rt::__private::destroyer! {
        type : __tramp_destroy; pointer : unsafe extern "C" fn (UserData, * mut Closure);
        data : __tramp_arg0; fn : extern "C" fn (__tramp_arg0 : UserData, __tramp_arg1 :
        * mut Closure,);
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn listen(
                call: unsafe extern "C" fn(&Event, UserData) -> c_int,
                data: UserData,
                destroy: Option<unsafe extern "C" fn(UserData, *mut Closure)>,
            );
        }
        listen
    };
    let (__tramp_owner_call, destroy) = ::tramp_rt::__private::created(
        ::tramp_rt::__private::notified::<
            __tramp_call,
            _,
            ::tramp_rt::__private::Exclusive,
            ::tramp_rt::__private::AnyThread,
            __tramp_destroy,
        >(call),
    );
    let destroy = ::core::option::Option::Some(destroy);
    {
        let (call, data) = ::tramp_rt::__private::Prepared::give(__tramp_owner_call);
        unsafe { __tramp_function(call, data, destroy) }
    }
}
/// The signature of the closure that [`both`](both()) takes.
struct both {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : both; pointer : unsafe extern "C" fn (UserData); fn : for < > extern
        "C" fn ([__tramp_arg0 : UserData]) -> ();
    }
};
///
/// # Closures
///
/// * `first`: C has it until this function returns. Any thread may call it, several at once.
/// * `second`: C has it until the trampoline that this function returns is dropped. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn both(
    first: Option<impl Fn() + Send + Sync>,
    second: impl Fn() + 'static,
) -> (c_int, ::tramp_rt::Trampoline<both, ::tramp_rt::ThisThread>) {
    struct __tramp_first {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_first; pointer : unsafe extern "C" fn (UserData); fn : for < >
        extern "C" fn ([__tramp_arg0 : UserData]) -> ();
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn both(
                first: Option<unsafe extern "C" fn(UserData)>,
                first_data: UserData,
                second: unsafe extern "C" fn(UserData),
                second_data: tramp_rt::UserData,
            ) -> c_int;
        }
        both
    };
    let __tramp_owner_second = ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<both>::local(second),
    );
    let (second, second_data) = ::tramp_rt::Trampoline::as_fn(&__tramp_owner_second);
    let __tramp_result = ::tramp_rt::__private::PendingPanic::resume_after(|
        __tramp_pending|
    ::tramp_rt::__private::created(
        ::tramp_rt::__private::lend_nullable::<
            __tramp_first,
            _,
            ::tramp_rt::__private::Shared,
            ::tramp_rt::__private::AnyThread,
            _,
        >(
            __tramp_pending,
            first,
            |first| {
                let (first, first_data) = ::tramp_rt::__private::split(first);
                unsafe { __tramp_function(first, first_data, second, second_data) }
            },
        ),
    ));
    (__tramp_result, __tramp_owner_second)
}
#[repr(transparent)]
struct Visit<T>(unsafe extern "C" fn(entry: &T, data: UserData, size: usize) -> c_int);
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics :
        [T,] [T,]; type : Visit < T >; pointer : unsafe extern "C" fn (entry : & T, data
        : UserData, size : usize) -> c_int; fn : for < > extern "C" fn (__tramp_arg0 : &
        T, [__tramp_arg1 : UserData] __tramp_arg2 : usize,) -> c_int;
    }
    #[automatically_derived]
    impl<T> ::core::clone::Clone for Visit<T> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl<T> ::core::marker::Copy for Visit<T> {}
    #[automatically_derived]
    impl<T> ::core::fmt::Debug for Visit<T> {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::tramp_rt::__private::show_pointer(__tramp_formatter, "Visit", &self.0)
        }
    }
};
