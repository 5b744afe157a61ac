//! Form C: a handler that runs once, generic and `unsafe`.
#[cfg(feature = "length")]
#[allow(clippy::needless_pass_by_value)]
struct finished<T: Sink> {
    _types: ::core::marker::PhantomData<fn(*mut T)>,
}
#[cfg(feature = "length")]
#[allow(clippy::needless_pass_by_value)]
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : [T
        : Sink,] [T,]; type : finished < T >; pointer : unsafe extern "C-unwind" fn (data
        : * const u8, length : usize); declared : unsafe extern "C-unwind" fn (data : *
        const u8, length : usize); direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn :
        for < > extern "C-unwind" fn (__tramp_arg0 : * const u8, __tramp_arg1 : usize,)
        -> ();
    }
    extern "C-unwind" fn __tramp_ffi_check<T: Sink>(_: *const u8, _: usize) {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    unsafe fn finished<T: Sink>(
        sink: T,
        data: *const u8,
        #[cfg(feature = "length")]
        length: usize,
    ) {
        sink.done(unsafe { *data });
    }
    impl<T: Sink> finished<T> {
        /// Binds the handler's state, for a callback from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind(
            sink: T,
        ) -> ::core::result::Result<
            unsafe extern "C-unwind" fn(data: *const u8, length: usize),
            ::tramp_rt::CreateError<T>,
        >
        where
            for<'__tramp_bound> T: ::core::marker::Send + 'static,
        {
            ::tramp_rt::__private::bind_once::<
                Self,
                _,
                ::tramp_rt::__private::Once,
                ::tramp_rt::__private::AnyThread,
                _,
            >(
                sink,
                |sink| move |__tramp_arg0, __tramp_arg1| unsafe {
                    finished::<T>(sink, __tramp_arg0, __tramp_arg1)
                },
            )
        }
        /// Binds the handler's state, for a callback from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind_local(
            sink: T,
        ) -> ::core::result::Result<
            unsafe extern "C-unwind" fn(data: *const u8, length: usize),
            ::tramp_rt::CreateError<T>,
        >
        where
            for<'__tramp_bound> T: 'static,
        {
            ::tramp_rt::__private::bind_once::<
                Self,
                _,
                ::tramp_rt::__private::Once,
                ::tramp_rt::__private::ThisThread,
                _,
            >(
                sink,
                |sink| move |__tramp_arg0, __tramp_arg1| unsafe {
                    finished::<T>(sink, __tramp_arg0, __tramp_arg1)
                },
            )
        }
    }
};
#[cfg(not(feature = "length"))]
#[allow(clippy::needless_pass_by_value)]
struct finished<T: Sink> {
    _types: ::core::marker::PhantomData<fn(*mut T)>,
}
#[cfg(not(feature = "length"))]
#[allow(clippy::needless_pass_by_value)]
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : [T
        : Sink,] [T,]; type : finished < T >; pointer : unsafe extern "C-unwind" fn (data
        : * const u8); declared : unsafe extern "C-unwind" fn (data : * const u8); direct
        : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C-unwind" fn
        (__tramp_arg0 : * const u8,) -> ();
    }
    extern "C-unwind" fn __tramp_ffi_check<T: Sink>(_: *const u8) {
        loop {}
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        reason = "C says how it passes the parameters"
    )]
    unsafe fn finished<T: Sink>(
        sink: T,
        data: *const u8,
        #[cfg(feature = "length")]
        length: usize,
    ) {
        sink.done(unsafe { *data });
    }
    impl<T: Sink> finished<T> {
        /// Binds the handler's state, for a callback from any thread.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind(
            sink: T,
        ) -> ::core::result::Result<
            unsafe extern "C-unwind" fn(data: *const u8),
            ::tramp_rt::CreateError<T>,
        >
        where
            for<'__tramp_bound> T: ::core::marker::Send + 'static,
        {
            ::tramp_rt::__private::bind_once::<
                Self,
                _,
                ::tramp_rt::__private::Once,
                ::tramp_rt::__private::AnyThread,
                _,
            >(
                sink,
                |sink| move |__tramp_arg0| unsafe { finished::<T>(sink, __tramp_arg0) },
            )
        }
        /// Binds the handler's state, for a callback from this thread only.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        fn bind_local(
            sink: T,
        ) -> ::core::result::Result<
            unsafe extern "C-unwind" fn(data: *const u8),
            ::tramp_rt::CreateError<T>,
        >
        where
            for<'__tramp_bound> T: 'static,
        {
            ::tramp_rt::__private::bind_once::<
                Self,
                _,
                ::tramp_rt::__private::Once,
                ::tramp_rt::__private::ThisThread,
                _,
            >(
                sink,
                |sink| move |__tramp_arg0| unsafe { finished::<T>(sink, __tramp_arg0) },
            )
        }
    }
};
