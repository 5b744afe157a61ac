//! Form B: a callback type.
/// Chooses entries.
#[repr(transparent)]
pub struct Filter(pub unsafe extern "C" fn(entry: &dirent) -> c_int);
const _: () = {
    ::tramp_rt::__private::signature! {
        promise : unsafe { ::tramp_rt::__private::Promise::new(VERSION) }; generics : []
        []; type : Filter; pointer : unsafe extern "C" fn (entry : & dirent) -> c_int;
        declared : unsafe extern "C" fn (entry : & dirent) -> c_int; direct :
        ::tramp_rt::__private::DIRECT_DEFAULT; fn : for < > extern "C" fn (__tramp_arg0 :
        & dirent,) -> c_int;
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Filter {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Filter {}
    #[automatically_derived]
    impl ::core::fmt::Debug for Filter {
        fn fmt(
            &self,
            __tramp_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::tramp_rt::__private::show_pointer(__tramp_formatter, "Filter", &self.0)
        }
    }
};
