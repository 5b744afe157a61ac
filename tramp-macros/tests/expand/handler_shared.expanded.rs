//! Form C: a handler of shared state.
struct find {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : find; pointer : for < 'a > unsafe extern "C" fn (key : & 'a CStr) ->
        Option < & 'a CStr >; declared : for < 'a > extern "C" fn (key : & 'a CStr) ->
        Option < & 'a CStr >; direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for <
        'a, > extern "C" fn (__tramp_arg0 : & 'a CStr,) -> Option < & 'a CStr >;
    }
    extern "C" fn __tramp_ffi_check<'a>(_: &'a CStr) -> Option<&'a CStr> {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    fn find<'a>(Table { names, .. }: &Table, key: &'a CStr) -> Option<&'a CStr> {
        names.contains(key).then_some(key)
    }
    impl find {
        /// Binds the handler's state, for a callback from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind(
            __tramp_state: Table,
        ) -> ::core::result::Result<
            ::tramp_rt::Trampoline<Self, ::tramp_rt::AnyThread>,
            ::tramp_rt::CreateError<Table>,
        >
        where
            for<'__tramp_bound> Table: ::core::marker::Send + ::core::marker::Sync
                + 'static,
        {
            ::tramp_rt::__private::bind::<
                Self,
                _,
                ::tramp_rt::__private::Shared,
                ::tramp_rt::__private::AnyThread,
                _,
            >(
                __tramp_state,
                |__tramp_state| move |__tramp_arg0| find(&__tramp_state, __tramp_arg0),
            )
        }
        /// Binds the handler's state, for a callback from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind_local(
            __tramp_state: Table,
        ) -> ::core::result::Result<
            ::tramp_rt::Trampoline<Self, ::tramp_rt::ThisThread>,
            ::tramp_rt::CreateError<Table>,
        >
        where
            for<'__tramp_bound> Table: 'static,
        {
            ::tramp_rt::__private::bind::<
                Self,
                _,
                ::tramp_rt::__private::Shared,
                ::tramp_rt::__private::ThisThread,
                _,
            >(
                __tramp_state,
                |__tramp_state| move |__tramp_arg0| find(&__tramp_state, __tramp_arg0),
            )
        }
        /// Lends the handler with its state to C while `body` runs, for calls from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. Then `body` does not run.
        fn scoped_any<__TrampR>(
            __tramp_state: &Table,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error>
        where
            for<'__tramp_bound> Table: ::core::marker::Sync,
        {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped_any(
                move |__tramp_arg0| find(__tramp_state, __tramp_arg0),
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
            __tramp_state: &Table,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error> {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped(
                move |__tramp_arg0| find(__tramp_state, __tramp_arg0),
                __tramp_lent,
            );
            ::core::result::Result::map_err(
                __tramp_result,
                |__tramp_failed| __tramp_failed.error,
            )
        }
    }
};
