//! Form A: a closure borrowed for the call.
unsafe extern "C" {
    fn abort() -> !;
}
/// Sorts `count` elements of `size` bytes at `base`.
///
/// # Closures
///
/// * `compare`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
pub unsafe fn qsort(
    base: *mut c_void,
    count: usize,
    size: usize,
    compare: impl FnMut(*const c_void, *const c_void) -> c_int,
) {
    struct __tramp_compare {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_compare; pointer : unsafe extern "C" fn (* const c_void, *
        const c_void) -> c_int; declared : unsafe extern "C" fn (* const c_void, * const
        c_void) -> c_int; direct : ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < >
        extern "C" fn (__tramp_arg0 : * const c_void, __tramp_arg1 : * const c_void,) ->
        c_int;
    }
    let __tramp_function = {
        unsafe extern "C" {
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn qsort(
                base: *mut c_void,
                count: usize,
                size: usize,
                compare: unsafe extern "C" fn(*const c_void, *const c_void) -> c_int,
            );
        }
        qsort
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_compare,
        >::scoped_mut(
            compare,
            |compare| unsafe { __tramp_function(base, count, size, compare) },
        ),
    )
}
