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
    struct __tramp_open {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_open; pointer : unsafe extern "C" fn (path : * const c_char)
        -> c_int; declared : extern "C" fn (path : * const c_char) -> c_int; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn (__tramp_arg0 :
        * const c_char,) -> c_int;
    }
    const _: () = {
        extern "C" fn __tramp_ffi_check(_: *const c_char) -> c_int {
            loop {}
        }
    };
    #[cfg(unix)]
    struct __tramp_size {}
    #[cfg(unix)]
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_size; pointer : unsafe extern "C" fn () -> u64; declared :
        unsafe extern "C" fn () -> u64; direct : ::tramp_rt::__private::DIRECT_DEFAULT;
        on_panic : [return 0, report]; fn : for < > extern "C" fn () -> u64;
    }
    #[cfg(unix)]
    const _: () = {
        extern "C" fn __tramp_ffi_check() -> u64 {
            loop {}
        }
    };
    fn __tramp_bind<
        __TrampT: ::tramp_rt::__private::Permits<Disk, ::tramp_rt::__private::Shared>
            + ::tramp_rt::__private::Permits<Disk, ::tramp_rt::__private::Exclusive>,
    >(
        __tramp_state: Disk,
        __tramp_ops: file_operations,
    ) -> ::core::result::Result<
        ::tramp_rt::Ops<file_operations, __TrampT>,
        ::tramp_rt::CreateError<(Disk, file_operations)>,
    >
    where
        for<'__tramp_bound> Disk: 'static,
    {
        ::tramp_rt::__private::bind_ops::<
            _,
            _,
            _,
            2usize,
            { ::tramp_rt::__private::COUNTED },
        >(
            __tramp_state,
            __tramp_ops,
            |__tramp_binder, __tramp_ops| {
                let __tramp_entry0 = {
                    let __tramp_state = ::tramp_rt::__private::Binder::state(
                        __tramp_binder,
                    );
                    ::tramp_rt::__private::Binder::entry::<
                        __tramp_open,
                        _,
                    >(
                        __tramp_binder,
                        move |__tramp_arg0| <Disk>::open(
                            &mut *unsafe {
                                ::tramp_rt::__private::Handle::alone(&__tramp_state)
                            },
                            __tramp_arg0,
                        ),
                    )?
                };
                #[cfg(unix)]
                let __tramp_entry1 = {
                    let __tramp_state = ::tramp_rt::__private::Binder::state(
                        __tramp_binder,
                    );
                    ::tramp_rt::__private::Binder::entry::<
                        __tramp_size,
                        _,
                    >(
                        __tramp_binder,
                        move || unsafe {
                            <Disk>::size(
                                &*::tramp_rt::__private::Handle::shared(&__tramp_state),
                            )
                        },
                    )?
                };
                {
                    __tramp_ops.open = ::tramp_rt::__private::Field::of(__tramp_entry0);
                }
                #[cfg(unix)]
                {
                    __tramp_ops.size = ::tramp_rt::__private::Field::of(__tramp_entry1);
                }
                ::core::result::Result::Ok(())
            },
        )
    }
    fn __tramp_lend<
        '__tramp_lent,
        __TrampT: ::tramp_rt::__private::Permits<
                &'__tramp_lent mut Disk,
                ::tramp_rt::__private::Shared,
            >
            + ::tramp_rt::__private::Permits<
                &'__tramp_lent mut Disk,
                ::tramp_rt::__private::Exclusive,
            >,
        __TrampR,
    >(
        __tramp_state: &'__tramp_lent mut Disk,
        __tramp_ops: file_operations,
        __tramp_body: impl ::core::ops::FnOnce(*mut file_operations) -> __TrampR,
        _: ::tramp_rt::__private::PhantomData<__TrampT>,
    ) -> ::core::result::Result<__TrampR, ::tramp_rt::CreateError<file_operations>> {
        ::tramp_rt::__private::lend_ops::<
            _,
            _,
            __TrampT,
            2usize,
            { ::tramp_rt::__private::COUNTED },
            _,
        >(
            __tramp_state,
            __tramp_ops,
            |__tramp_binder, __tramp_ops| {
                let __tramp_entry0 = {
                    let __tramp_state = ::tramp_rt::__private::Binder::state(
                        __tramp_binder,
                    );
                    ::tramp_rt::__private::Binder::entry::<
                        __tramp_open,
                        _,
                    >(
                        __tramp_binder,
                        move |__tramp_arg0| <Disk>::open(
                            &mut *unsafe {
                                ::tramp_rt::__private::Handle::alone(&__tramp_state)
                            },
                            __tramp_arg0,
                        ),
                    )?
                };
                #[cfg(unix)]
                let __tramp_entry1 = {
                    let __tramp_state = ::tramp_rt::__private::Binder::state(
                        __tramp_binder,
                    );
                    ::tramp_rt::__private::Binder::entry::<
                        __tramp_size,
                        _,
                    >(
                        __tramp_binder,
                        move || unsafe {
                            <Disk>::size(
                                &*::tramp_rt::__private::Handle::shared(&__tramp_state),
                            )
                        },
                    )?
                };
                {
                    __tramp_ops.open = ::tramp_rt::__private::Field::of(__tramp_entry0);
                }
                #[cfg(unix)]
                {
                    __tramp_ops.size = ::tramp_rt::__private::Field::of(__tramp_entry1);
                }
                ::core::result::Result::Ok(())
            },
            __tramp_body,
        )
    }
    impl Disk {
        /// Binds the struct's callbacks to this state, for calls from any thread.
        ///
        /// The other fields are as `ops` has them; so are those of callbacks that the state does not have.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state and the struct, unchanged, come back in the error.
        pub fn bind(
            self,
            __tramp_ops: file_operations,
        ) -> ::core::result::Result<
            ::tramp_rt::Ops<file_operations, ::tramp_rt::AnyThread>,
            ::tramp_rt::CreateError<(Self, file_operations)>,
        >
        where
            for<'__tramp_bound> Disk: ::core::marker::Send + ::core::marker::Sync
                + 'static,
        {
            __tramp_bind(self, __tramp_ops)
        }
        /// Binds the struct's callbacks to this state, for calls from this thread only.
        ///
        /// The other fields are as `ops` has them; so are those of callbacks that the state does not have.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state and the struct, unchanged, come back in the error.
        pub fn bind_local(
            self,
            __tramp_ops: file_operations,
        ) -> ::core::result::Result<
            ::tramp_rt::Ops<file_operations, ::tramp_rt::ThisThread>,
            ::tramp_rt::CreateError<(Self, file_operations)>,
        >
        where
            for<'__tramp_bound> Disk: 'static,
        {
            __tramp_bind(self, __tramp_ops)
        }
        /// Lends the struct's callbacks to C while `body` runs, for calls from any thread.
        ///
        /// `body` gets the address of the struct, which is valid until it returns or unwinds. The state may borrow, and is as the
        /// calls left it afterwards.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The struct, unchanged, comes back in the error, and `body` does not run.
        pub fn scoped_any<__TrampR>(
            &mut self,
            __tramp_ops: file_operations,
            __tramp_body: impl ::core::ops::FnOnce(*mut file_operations) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::CreateError<file_operations>>
        where
            for<'__tramp_bound> Disk: ::core::marker::Send + ::core::marker::Sync,
        {
            __tramp_lend(
                self,
                __tramp_ops,
                __tramp_body,
                ::tramp_rt::__private::PhantomData::<::tramp_rt::AnyThread>,
            )
        }
        /// Lends the struct's callbacks to C while `body` runs, for calls from this thread only.
        ///
        /// `body` gets the address of the struct, which is valid until it returns or unwinds. The state may borrow, and is as the
        /// calls left it afterwards.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The struct, unchanged, comes back in the error, and `body` does not run.
        pub fn scoped<__TrampR>(
            &mut self,
            __tramp_ops: file_operations,
            __tramp_body: impl ::core::ops::FnOnce(*mut file_operations) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, ::tramp_rt::CreateError<file_operations>> {
            __tramp_lend(
                self,
                __tramp_ops,
                __tramp_body,
                ::tramp_rt::__private::PhantomData::<::tramp_rt::ThisThread>,
            )
        }
    }
};
