//! Form C: a handler of mutable state.
/// Counts and keeps lines.
pub struct on_line {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : on_line; pointer : unsafe extern "C" fn (line : * mut c_char) ->
        c_int; declared : extern "C" fn (line : * mut c_char) -> c_int; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn (__tramp_arg0 :
        * mut c_char,) -> c_int;
    }
    extern "C" fn __tramp_ffi_check(_: *mut c_char) -> c_int {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    #[inline]
    fn on_line(log: &mut Log, line: *mut c_char) -> c_int {
        log.count += 1;
        log.keep(line)
    }
    impl on_line {
        /// Binds the handler's state, for a callback from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        pub fn bind(
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
            >(log, |mut log| move |__tramp_arg0| on_line(&mut log, __tramp_arg0))
        }
        /// Binds the handler's state, for a callback from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        pub fn bind_local(
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
            >(log, |mut log| move |__tramp_arg0| on_line(&mut log, __tramp_arg0))
        }
        /// Lends the handler with its state to C while `body` runs, for calls from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. Then `body` does not run.
        pub fn scoped_any<__TrampR>(
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
                move |__tramp_arg0| on_line(&mut *log, __tramp_arg0),
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
        pub fn scoped<__TrampR>(
            log: &mut Log,
            __tramp_lent: impl ::core::ops::FnOnce(
                <Self as ::tramp_rt::__private::Signature>::Pointer,
            ) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::Error> {
            let __tramp_result = ::tramp_rt::Trampoline::<
                Self,
            >::scoped_mut(
                move |__tramp_arg0| on_line(&mut *log, __tramp_arg0),
                __tramp_lent,
            );
            ::core::result::Result::map_err(
                __tramp_result,
                |__tramp_failed| __tramp_failed.error,
            )
        }
    }
};
/// What another macro is told is that macro's.
struct on_end {}
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : on_end; pointer : unsafe extern "C" fn (); declared : extern "C" fn
        (); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn ()
        -> ();
    }
    extern "C" fn __tramp_ffi_check() {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    #[measured(no_mangle)]
    fn on_end(log: &mut Log) {
        log.close();
    }
    impl on_end {
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
            >(log, |mut log| move || on_end(&mut log))
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
            >(log, |mut log| move || on_end(&mut log))
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
            >::scoped_any_mut(move || on_end(&mut *log), __tramp_lent);
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
            >::scoped_mut(move || on_end(&mut *log), __tramp_lent);
            ::core::result::Result::map_err(
                __tramp_result,
                |__tramp_failed| __tramp_failed.error,
            )
        }
    }
};
