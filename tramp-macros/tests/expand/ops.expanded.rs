//! Form D: the callbacks of a C struct.
impl Disk {
    /// Opens it.
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        clippy::unused_self,
        reason = "C says how it passes the parameters"
    )]
    pub fn open(&mut self, path: *const c_char) -> c_int {
        self.find(path)
    }
    #[cfg(unix)]
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        clippy::unused_self,
        reason = "C says how it passes the parameters"
    )]
    pub unsafe fn size(&self) -> u64 {
        self.bytes
    }
    fn find(&self, path: *const c_char) -> c_int {
        0
    }
}
const _: () = {
    #[allow(non_camel_case_types, reason = "named after the method")]
    struct __open {}
    ::tramp_rt::__private::signature! {
        generics : [] []; type : __open; pointer : unsafe extern "C" fn (path : * const
        c_char) -> c_int; declared : extern "C" fn (path : * const c_char) -> c_int;
        direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn
        (__arg0 : * const c_char,) -> c_int;
    }
    #[cfg(unix)]
    #[allow(non_camel_case_types, reason = "named after the method")]
    struct __size {}
    #[cfg(unix)]
    ::tramp_rt::__private::signature! {
        generics : [] []; type : __size; pointer : unsafe extern "C" fn () -> u64;
        declared : unsafe extern "C" fn () -> u64; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; on_panic : [return 0, report]; fn : for <
        > extern "C" fn () -> u64;
    }
    fn __bind<__T: ::tramp_rt::__private::Share<Disk>>(
        state: Disk,
        ops: file_operations,
    ) -> ::core::result::Result<
        ::tramp_rt::Ops<file_operations, __T>,
        ::tramp_rt::CreateError<Disk>,
    >
    where
        for<'__bound> Disk: 'static,
    {
        ::tramp_rt::__private::bind_ops::<
            _,
            _,
            _,
            2usize,
            true,
        >(
            state,
            ops,
            |__binder, __ops| {
                let __state = __binder.state();
                {
                    let __entry = __binder
                        .entry::<
                            __open,
                            _,
                        >(move |__arg0| <Disk>::open(
                            &mut *::tramp_rt::__private::enter_state!(__state.alone()),
                            __arg0,
                        ))?;
                    __ops.open = ::tramp_rt::__private::Field::of(__entry);
                }
                #[cfg(unix)]
                {
                    let __entry = __binder
                        .entry::<
                            __size,
                            _,
                        >(move || unsafe {
                            <Disk>::size(
                                &*::tramp_rt::__private::enter_state!(__state.shared()),
                            )
                        })?;
                    __ops.size = ::tramp_rt::__private::Field::of(__entry);
                }
                ::core::result::Result::Ok(())
            },
        )
    }
    impl Disk {
        /// Binds the struct's callbacks to this state, for calls from any thread.
        ///
        /// The other fields are as `ops` has them; so are those of callbacks that the state does not have.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        pub fn bind(
            self,
            ops: file_operations,
        ) -> ::core::result::Result<
            ::tramp_rt::Ops<file_operations, ::tramp_rt::AnyThread>,
            ::tramp_rt::CreateError<Self>,
        >
        where
            for<'__bound> Disk: ::core::marker::Send + ::core::marker::Sync + 'static,
        {
            __bind(self, ops)
        }
        /// Binds the struct's callbacks to this state, for calls from this thread only.
        ///
        /// The other fields are as `ops` has them; so are those of callbacks that the state does not have.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        pub fn bind_local(
            self,
            ops: file_operations,
        ) -> ::core::result::Result<
            ::tramp_rt::Ops<file_operations, ::tramp_rt::ThisThread>,
            ::tramp_rt::CreateError<Self>,
        >
        where
            for<'__bound> Disk: 'static,
        {
            __bind(self, ops)
        }
    }
};
