//! What becomes of a panic, in each form.
///
/// # Closures
///
/// * `visit`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
/// Or when C has returned, with the panic of a closure that had a value for C instead.
#[track_caller]
unsafe fn each(visit: impl FnMut(c_int) -> c_int) {
    struct __tramp_visit {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_visit; pointer : unsafe extern "C" fn (c_int) -> c_int;
        declared : unsafe extern "C" fn (c_int) -> c_int; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; on_panic : [return - 1,
        ::tramp_rt::__private::no_hook]; fn : for < > extern "C" fn (__tramp_arg0 :
        c_int,) -> c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn each(visit: unsafe extern "C" fn(c_int) -> c_int);
        }
        each
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_visit,
        >::scoped_mut(visit, |visit| unsafe { __tramp_function(visit) }),
    )
}
///
/// # Closures
///
/// * `first`: C has it until this function returns. Any thread may call it, several at once.
/// * `second`: C has it until this function returns. Only the thread that calls this function may call it.
/// * `kept`: C has it for the rest of the process. Any thread may call it, one at a time.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
/// Or when C has returned, with the panic of a closure that had a value for C instead.
#[track_caller]
unsafe fn both(
    first: impl Fn() + Send + Sync,
    second: impl FnOnce() -> c_int,
    kept: impl FnMut() -> c_int + Send + 'static,
) {
    struct __tramp_first {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_first; pointer : unsafe extern "C" fn (); declared : unsafe
        extern "C" fn (); direct : ::tramp_rt::__private::DIRECT_DEFAULT; on_panic :
        [return (), ::tramp_rt::__private::no_hook]; fn : for < > extern "C" fn () -> ();
    }
    struct __tramp_second {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_second; pointer : unsafe extern "C" fn () -> c_int; declared :
        unsafe extern "C" fn () -> c_int; direct : ::tramp_rt::__private::DIRECT_DEFAULT;
        on_panic : [return 0, ::tramp_rt::__private::no_hook]; fn : for < > extern "C" fn
        () -> c_int;
    }
    struct __tramp_kept {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_kept; pointer : unsafe extern "C" fn () -> c_int; declared :
        unsafe extern "C" fn () -> c_int; direct : ::tramp_rt::__private::DIRECT_DEFAULT;
        on_panic : [return 0, report]; fn : for < > extern "C" fn () -> c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn both(
                first: unsafe extern "C" fn(),
                second: unsafe extern "C" fn() -> c_int,
                kept: unsafe extern "C" fn() -> c_int,
            );
        }
        both
    };
    let __tramp_owner_kept = ::tramp_rt::__private::created(
        ::tramp_rt::__private::prepare::<
            __tramp_kept,
            _,
            ::tramp_rt::__private::Exclusive,
            ::tramp_rt::__private::AnyThread,
        >(kept),
    );
    ::tramp_rt::__private::PendingPanic::resume_after(|__tramp_pending| ::tramp_rt::__private::created(
        ::tramp_rt::__private::lend::<
            __tramp_first,
            _,
            ::tramp_rt::__private::Shared,
            ::tramp_rt::__private::AnyThread,
            _,
        >(
            __tramp_pending,
            first,
            |first| ::tramp_rt::__private::created(
                ::tramp_rt::__private::lend::<
                    __tramp_second,
                    _,
                    ::tramp_rt::__private::Once,
                    ::tramp_rt::__private::ThisThread,
                    _,
                >(
                    __tramp_pending,
                    second,
                    |second| {
                        let kept = ::tramp_rt::__private::Prepared::give(
                            __tramp_owner_kept,
                        );
                        unsafe { __tramp_function(first, second, kept) }
                    },
                ),
            ),
        ),
    ))
}
#[repr(transparent)]
struct Visit(unsafe extern "C-unwind" fn(c_int));
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : Visit; pointer : unsafe extern "C-unwind" fn (c_int); declared :
        extern "C-unwind" fn (c_int); direct : ::tramp_rt::__private::DIRECT_DEFAULT;
        on_panic : [abort]; fn : for < > extern "C-unwind" fn (__tramp_arg0 : c_int,) ->
        ();
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Visit {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Visit {}
    #[automatically_derived]
    impl ::core::fmt::Debug for Visit {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::tramp_rt::__private::show_pointer(__tramp_formatter, "Visit", &self.0)
        }
    }
};
#[repr(transparent)]
struct Raise(unsafe extern "C-unwind" fn());
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : Raise; pointer : unsafe extern "C-unwind" fn (); declared : unsafe
        extern "C-unwind" fn (); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for
        < > extern "C-unwind" fn () -> ();
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Raise {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Raise {}
    #[automatically_derived]
    impl ::core::fmt::Debug for Raise {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::tramp_rt::__private::show_pointer(__tramp_formatter, "Raise", &self.0)
        }
    }
};
struct on_event {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : on_event; pointer : unsafe extern "C" fn () -> Status; declared :
        extern "C" fn () -> Status; direct : ::tramp_rt::__private::DIRECT_DEFAULT;
        on_panic : [return Status::FAILED, report]; fn : for < > extern "C" fn () ->
        Status;
    }
    extern "C" fn __tramp_ffi_check() -> Status {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    fn on_event(count: &mut u32) -> Status {
        *count += 1;
        Status::OK
    }
    impl on_event {
        /// Binds the handler's state, for a callback from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind(
            count: u32,
        ) -> ::core::result::Result<
            ::tramp_rt::Trampoline<Self, ::tramp_rt::AnyThread>,
            ::tramp_rt::CreateError<u32>,
        >
        where
            for<'__tramp_bound> u32: ::core::marker::Send + 'static,
        {
            ::tramp_rt::__private::bind::<
                Self,
                _,
                ::tramp_rt::__private::Exclusive,
                ::tramp_rt::__private::AnyThread,
                _,
            >(count, |mut count| move || on_event(&mut count))
        }
        /// Binds the handler's state, for a callback from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind_local(
            count: u32,
        ) -> ::core::result::Result<
            ::tramp_rt::Trampoline<Self, ::tramp_rt::ThisThread>,
            ::tramp_rt::CreateError<u32>,
        >
        where
            for<'__tramp_bound> u32: 'static,
        {
            ::tramp_rt::__private::bind::<
                Self,
                _,
                ::tramp_rt::__private::Exclusive,
                ::tramp_rt::__private::ThisThread,
                _,
            >(count, |mut count| move || on_event(&mut count))
        }
        /// Lends the handler with its state to C while `body` runs, for calls from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. Then `body` does not run.
        fn scoped_any<__TrampR>(
            count: &mut u32,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error>
        where
            for<'__tramp_bound> u32: ::core::marker::Send,
        {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped_any_mut(move || on_event(&mut *count), __tramp_lent);
            ::core::result::Result::map_err(
                __tramp_result,
                |__tramp_failed| __tramp_failed.error,
            )
        }
        /// Lends the handler with its state to C while `body` runs, for calls from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. Then `body` does not run.
        fn scoped<__TrampR>(
            count: &mut u32,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error> {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped_mut(move || on_event(&mut *count), __tramp_lent);
            ::core::result::Result::map_err(
                __tramp_result,
                |__tramp_failed| __tramp_failed.error,
            )
        }
    }
};
