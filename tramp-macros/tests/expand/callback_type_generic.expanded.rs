//! Form B: with lifetimes, type parameters, conditions and a renamed runtime.
#[cfg(all(windows, all(unix, feature = "depth")))]
#[repr(transparent)]
struct Visit<T: Node, const N: usize = 4>(
    for<'a, 'b> unsafe extern "C" fn(
        tree: &'a T,
        path: &'b [T; N],
        handle: HANDLE,
        depth: c_int,
    ) -> &'a T,
);
#[cfg(all(windows, all(unix, feature = "depth")))]
const _: () = {
    crate::ffi::rt::__private::signature! {
        promise : unsafe { crate ::ffi::rt::__private::Promise::new(VERSION) }; generics
        : [T : Node, const N : usize,] [T, N,]; type : Visit < T, N >; pointer : for <
        'a, 'b > unsafe extern "C" fn (tree : & 'a T, path : & 'b[T; N], handle : HANDLE,
        depth : c_int) -> & 'a T; declared : for < 'a, 'b > extern "C" fn (tree : & 'a T,
        path : & 'b[T; N], handle : HANDLE, depth : c_int) -> & 'a T; direct : 0; fn :
        for < 'a, 'b, > extern "C" fn (__tramp_arg0 : & 'a T, __tramp_arg1 : & 'b[T; N],
        __tramp_arg2 : HANDLE, __tramp_arg3 : c_int,) -> & 'a T;
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::clone::Clone for Visit<T, N> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::marker::Copy for Visit<T, N> {}
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::fmt::Debug for Visit<T, N> {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            crate::ffi::rt::__private::show_pointer(__tramp_formatter, "Visit", &self.0)
        }
    }
};
#[cfg(all(windows, not(all(unix, feature = "depth"))))]
#[repr(transparent)]
struct Visit<T: Node, const N: usize = 4>(
    for<'a, 'b> unsafe extern "C" fn(
        tree: &'a T,
        path: &'b [T; N],
        handle: HANDLE,
    ) -> &'a T,
);
#[cfg(all(windows, not(all(unix, feature = "depth"))))]
const _: () = {
    crate::ffi::rt::__private::signature! {
        promise : unsafe { crate ::ffi::rt::__private::Promise::new(VERSION) }; generics
        : [T : Node, const N : usize,] [T, N,]; type : Visit < T, N >; pointer : for <
        'a, 'b > unsafe extern "C" fn (tree : & 'a T, path : & 'b[T; N], handle : HANDLE)
        -> & 'a T; declared : for < 'a, 'b > extern "C" fn (tree : & 'a T, path : & 'b[T;
        N], handle : HANDLE) -> & 'a T; direct : 0; fn : for < 'a, 'b, > extern "C" fn
        (__tramp_arg0 : & 'a T, __tramp_arg1 : & 'b[T; N], __tramp_arg2 : HANDLE,) -> &
        'a T;
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::clone::Clone for Visit<T, N> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::marker::Copy for Visit<T, N> {}
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::fmt::Debug for Visit<T, N> {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            crate::ffi::rt::__private::show_pointer(__tramp_formatter, "Visit", &self.0)
        }
    }
};
#[cfg(all(not(windows), all(unix, feature = "depth")))]
#[repr(transparent)]
struct Visit<T: Node, const N: usize = 4>(
    for<'a, 'b> unsafe extern "C" fn(
        tree: &'a T,
        path: &'b [T; N],
        depth: c_int,
    ) -> &'a T,
);
#[cfg(all(not(windows), all(unix, feature = "depth")))]
const _: () = {
    crate::ffi::rt::__private::signature! {
        promise : unsafe { crate ::ffi::rt::__private::Promise::new(VERSION) }; generics
        : [T : Node, const N : usize,] [T, N,]; type : Visit < T, N >; pointer : for <
        'a, 'b > unsafe extern "C" fn (tree : & 'a T, path : & 'b[T; N], depth : c_int)
        -> & 'a T; declared : for < 'a, 'b > extern "C" fn (tree : & 'a T, path : & 'b[T;
        N], depth : c_int) -> & 'a T; direct : 0; fn : for < 'a, 'b, > extern "C" fn
        (__tramp_arg0 : & 'a T, __tramp_arg1 : & 'b[T; N], __tramp_arg2 : c_int,) -> & 'a
        T;
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::clone::Clone for Visit<T, N> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::marker::Copy for Visit<T, N> {}
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::fmt::Debug for Visit<T, N> {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            crate::ffi::rt::__private::show_pointer(__tramp_formatter, "Visit", &self.0)
        }
    }
};
#[cfg(all(not(windows), not(all(unix, feature = "depth"))))]
#[repr(transparent)]
struct Visit<T: Node, const N: usize = 4>(
    for<'a, 'b> unsafe extern "C" fn(tree: &'a T, path: &'b [T; N]) -> &'a T,
);
#[cfg(all(not(windows), not(all(unix, feature = "depth"))))]
const _: () = {
    crate::ffi::rt::__private::signature! {
        promise : unsafe { crate ::ffi::rt::__private::Promise::new(VERSION) }; generics
        : [T : Node, const N : usize,] [T, N,]; type : Visit < T, N >; pointer : for <
        'a, 'b > unsafe extern "C" fn (tree : & 'a T, path : & 'b[T; N]) -> & 'a T;
        declared : for < 'a, 'b > extern "C" fn (tree : & 'a T, path : & 'b[T; N]) -> &
        'a T; direct : 0; fn : for < 'a, 'b, > extern "C" fn (__tramp_arg0 : & 'a T,
        __tramp_arg1 : & 'b[T; N],) -> & 'a T;
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::clone::Clone for Visit<T, N> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::marker::Copy for Visit<T, N> {}
    #[automatically_derived]
    impl<T: Node, const N: usize> ::core::fmt::Debug for Visit<T, N> {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            crate::ffi::rt::__private::show_pointer(__tramp_formatter, "Visit", &self.0)
        }
    }
};
