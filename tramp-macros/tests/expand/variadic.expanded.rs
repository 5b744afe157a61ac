//! `...` in a type, a handler and an `impl`, and `VaArgs` in its place.
#[repr(transparent)]
struct Message(
    unsafe extern "C" fn(context: *mut c_void, format: *const c_char, ...) -> c_int,
);
const _: () = {
    ::tramp_rt::__private::variadic! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        [] []; type : Message; pointer : unsafe extern "C" fn (context : * mut c_void,
        format : * const c_char, ...) -> c_int; declared : unsafe extern "C" fn (context
        : * mut c_void, format : * const c_char, ...) -> c_int; fn : for < > extern "C"
        fn (__tramp_arg0 : * mut c_void, __tramp_arg1 : * const c_char, ...) -> c_int;
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Message {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Message {}
    #[automatically_derived]
    impl ::core::fmt::Debug for Message {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::tramp_rt::__private::show_pointer(__tramp_formatter, "Message", &self.0)
        }
    }
};
struct on_message {}
const _: () = {
    ::tramp_rt::__private::variadic! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        [] []; type : on_message; pointer : unsafe extern "C" fn (format : * const
        c_char, ...); declared : unsafe extern "C" fn (format : * const c_char, ...); fn
        : for < > extern "C" fn (__tramp_arg0 : * const c_char, ...) -> ();
    }
    extern "C" fn __tramp_ffi_check(_: *const c_char) {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    unsafe fn on_message(
        log: &mut Log,
        format: *const c_char,
        mut args: ::tramp_rt::VaArgs<'_>,
    ) {
        log.add(format, args);
    }
    impl on_message {
        /// Binds the handler's state, for a callback from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind(
            log: Log,
        ) -> ::core::result::Result<
            ::tramp_rt::Trampoline<Self, ::tramp_rt::AnyThread>,
            ::tramp_rt::CreateError<Log>,
        >
        where
            for<'__tramp_bound> Log: ::core::marker::Send + 'static,
        {
            ::tramp_rt::__private::bind::<
                Self,
                _,
                ::tramp_rt::__private::Exclusive,
                ::tramp_rt::__private::AnyThread,
                _,
            >(
                log,
                |mut log| move |__tramp_arg0, __tramp_va| unsafe {
                    on_message(&mut log, __tramp_arg0, __tramp_va)
                },
            )
        }
        /// Binds the handler's state, for a callback from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind_local(
            log: Log,
        ) -> ::core::result::Result<
            ::tramp_rt::Trampoline<Self, ::tramp_rt::ThisThread>,
            ::tramp_rt::CreateError<Log>,
        >
        where
            for<'__tramp_bound> Log: 'static,
        {
            ::tramp_rt::__private::bind::<
                Self,
                _,
                ::tramp_rt::__private::Exclusive,
                ::tramp_rt::__private::ThisThread,
                _,
            >(
                log,
                |mut log| move |__tramp_arg0, __tramp_va| unsafe {
                    on_message(&mut log, __tramp_arg0, __tramp_va)
                },
            )
        }
        /// Lends the handler with its state to C while `body` runs, for calls from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. Then `body` does not run.
        fn scoped_any<__TrampR>(
            log: &mut Log,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error>
        where
            for<'__tramp_bound> Log: ::core::marker::Send,
        {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped_any_mut(
                move |__tramp_arg0, __tramp_va| unsafe {
                    on_message(&mut *log, __tramp_arg0, __tramp_va)
                },
                __tramp_lent,
            );
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
            log: &mut Log,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error> {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped_mut(
                move |__tramp_arg0, __tramp_va| unsafe {
                    on_message(&mut *log, __tramp_arg0, __tramp_va)
                },
                __tramp_lent,
            );
            ::core::result::Result::map_err(
                __tramp_result,
                |__tramp_failed| __tramp_failed.error,
            )
        }
    }
};
///
/// # Closures
///
/// * `message`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
unsafe fn set(message: impl FnMut(*mut c_void, *const c_char, VaArgs<'_>)) {
    struct __tramp_message {}
    ::tramp_rt::__private::variadic! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        [] []; type : __tramp_message; pointer : unsafe extern "C" fn (* mut c_void, *
        const c_char, ...); declared : unsafe extern "C" fn (* mut c_void, * const
        c_char, ...); fn : for < > extern "C" fn (__tramp_arg0 : * mut c_void,
        __tramp_arg1 : * const c_char, ...) -> ();
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn set(message: unsafe extern "C" fn(*mut c_void, *const c_char, ...));
        }
        set
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_message,
        >::scoped_mut(message, |message| unsafe { __tramp_function(message) }),
    )
}
