//! Closures that C reaches through user data.

#[trampoline]
unsafe extern "C" {
    fn each(count: c_int, visit: impl FnMut(UserData, c_int) -> c_int, data: UserData);

    fn listen(
        #[scope(notified)]
        #[on_panic(return = -1, hook = report)]
        call: impl FnMut(&Event, UserData) -> c_int + Send + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(UserData, *mut Closure)>,
    );

    fn both(
        first: Option<impl Fn(UserData) + Send + Sync>,
        first_data: UserData,
        #[scope(owned)] second: impl Fn(UserData) + 'static,
        second_data: tramp_rt::UserData,
    ) -> c_int;
}

#[trampoline]
type Visit<T> = unsafe extern "C" fn(entry: &T, data: UserData, size: usize) -> c_int;
