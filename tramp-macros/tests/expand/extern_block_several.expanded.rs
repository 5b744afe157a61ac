//! Form A: several closures in one call, one of them kept.
///
/// # Closures
///
/// * `enter`: C has it until this function returns. Only the thread that calls this function may call it.
/// * `leave`: C has it until this function returns. Only the thread that calls this function may call it.
/// * `freed`: C calls it once, maybe after this function has returned, and the call frees it. Any thread may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
fn walk(
    root: &Node,
    enter: impl for<'a> FnMut(&'a Node, *mut c_void) -> &'a Node,
    leave: impl Fn(&Node),
    freed: impl FnOnce(*mut c_void) + Send + 'static,
    __tramp_arg4: c_int,
) -> c_int {
    struct __tramp_enter {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_enter; pointer : for < 'a > unsafe extern "C-unwind" fn (& 'a
        Node, * mut c_void) -> & 'a Node; declared : for < 'a > unsafe extern "C-unwind"
        fn (& 'a Node, * mut c_void) -> & 'a Node; direct : 2; fn : for < 'a, > extern
        "C-unwind" fn (__tramp_arg0 : & 'a Node, __tramp_arg1 : * mut c_void,) -> & 'a
        Node;
    }
    struct __tramp_leave {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_leave; pointer : unsafe extern "C-unwind" fn (& Node);
        declared : unsafe extern "C-unwind" fn (& Node); direct : 2; fn : for < > extern
        "C-unwind" fn (__tramp_arg0 : & Node,) -> ();
    }
    struct __tramp_freed {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_freed; pointer : unsafe extern "C-unwind" fn (* mut c_void);
        declared : unsafe extern "C-unwind" fn (* mut c_void); direct : 2; fn : for < >
        extern "C-unwind" fn (__tramp_arg0 : * mut c_void,) -> ();
    }
    const _: () = ::tramp_rt::__private::assert_this_thread_is_checked();
    const _: () = ::tramp_rt::__private::assert_this_thread_is_checked();
    let __tramp_function = {
        unsafe extern "C-unwind" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            safe fn walk(
                root: &Node,
                enter: for<'a> unsafe extern "C-unwind" fn(
                    &'a Node,
                    *mut c_void,
                ) -> &'a Node,
                leave: unsafe extern "C-unwind" fn(&Node),
                freed: unsafe extern "C-unwind" fn(*mut c_void),
                __tramp_arg4: c_int,
            ) -> c_int;
        }
        walk
    };
    let __tramp_owner_freed = ::tramp_rt::__private::created(
        ::tramp_rt::__private::prepare::<
            __tramp_freed,
            _,
            ::tramp_rt::__private::Once,
            ::tramp_rt::__private::AnyThread,
        >(freed),
    );
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_enter,
        >::scoped_mut(
            enter,
            |enter| ::tramp_rt::__private::created(
                ::tramp_rt::Trampoline::<
                    __tramp_leave,
                >::scoped(
                    leave,
                    |leave| {
                        let freed = ::tramp_rt::__private::Prepared::give(
                            __tramp_owner_freed,
                        );
                        __tramp_function(root, enter, leave, freed, __tramp_arg4)
                    },
                ),
            ),
        ),
    )
}
