//! Form A: where the attributes go.
#[link(name = "archive", kind = "raw-dylib")]
#[allow(non_snake_case)]
unsafe extern "system" {
    pub static VERSION: c_int;
}
#[cfg(feature = "filter")]
#[allow(non_snake_case)]
#[cfg_attr(target_os = "macos", doc = "On macOS.")]
#[must_use]
///
/// # Closures
///
/// * `filter`: C has it until this function returns. Only the thread that calls this function may call it.
/// * `visit`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
pub(crate) unsafe fn EachEntry(
    archive: *mut Archive,
    filter: impl Fn(&Entry) -> bool,
    visit: impl FnMut(&Entry),
) -> c_int {
    struct __tramp_filter {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_filter; pointer : unsafe extern "system" fn (& Entry) -> bool;
        declared : unsafe extern "system" fn (& Entry) -> bool; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "system" fn
        (__tramp_arg0 : & Entry,) -> bool;
    }
    struct __tramp_visit {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_visit; pointer : unsafe extern "system" fn (& Entry); declared
        : unsafe extern "system" fn (& Entry); direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "system" fn
        (__tramp_arg0 : & Entry,) -> ();
    }
    let __tramp_function = {
        #[link(name = "archive", kind = "raw-dylib")]
        unsafe extern "system" {
            #[link_name = "archive_each_v2"]
            #[cfg_attr(target_os = "macos", link_name = "archive_each$INODE64")]
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn EachEntry(
                archive: *mut Archive,
                filter: unsafe extern "system" fn(&Entry) -> bool,
                visit: unsafe extern "system" fn(&Entry),
            ) -> c_int;
        }
        EachEntry
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_filter,
        >::scoped(
            filter,
            |filter| ::tramp_rt::__private::created(
                ::tramp_rt::Trampoline::<
                    __tramp_visit,
                >::scoped_mut(
                    visit,
                    |visit| unsafe { __tramp_function(archive, filter, visit) },
                ),
            ),
        ),
    )
}
#[cfg(not(feature = "filter"))]
#[allow(non_snake_case)]
#[cfg_attr(target_os = "macos", doc = "On macOS.")]
#[must_use]
///
/// # Closures
///
/// * `visit`: C has it until this function returns. Only the thread that calls this function may call it.
///
/// # Panics
///
/// If no trampoline can be created for a closure.
#[track_caller]
pub(crate) unsafe fn EachEntry(
    archive: *mut Archive,
    visit: impl FnMut(&Entry),
) -> c_int {
    struct __tramp_visit {}
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : __tramp_visit; pointer : unsafe extern "system" fn (& Entry); declared
        : unsafe extern "system" fn (& Entry); direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "system" fn
        (__tramp_arg0 : & Entry,) -> ();
    }
    let __tramp_function = {
        #[link(name = "archive", kind = "raw-dylib")]
        unsafe extern "system" {
            #[link_name = "archive_each_v2"]
            #[cfg_attr(target_os = "macos", link_name = "archive_each$INODE64")]
            #[allow(
                clashing_extern_declarations,
                reason = "it may be declared again, for other closures"
            )]
            fn EachEntry(
                archive: *mut Archive,
                visit: unsafe extern "system" fn(&Entry),
            ) -> c_int;
        }
        EachEntry
    };
    ::tramp_rt::__private::created(
        ::tramp_rt::Trampoline::<
            __tramp_visit,
        >::scoped_mut(visit, |visit| unsafe { __tramp_function(archive, visit) }),
    )
}
