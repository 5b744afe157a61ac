//! Form A: every scope, and a handler that is put back.

#[trampoline]
unsafe extern "C" {
    fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> c_int;
    fn set_logger(#[scope(forever)] log: Option<impl Fn(&CStr) + Send + Sync + 'static>);
    /// Adds a listener.
    pub fn add_listener(#[scope(owned)] listener: impl Fn(c_int) + 'static) -> c_int;
    fn select(filter: Option<impl FnMut(c_int) -> c_int>);

    #[restore]
    fn signal(
        number: c_int,
        #[scope(owned)] handler: impl Fn(c_int) + Send + Sync + 'static,
    ) -> Option<unsafe extern "C" fn(c_int)>;

    #[restore]
    fn set_handler(handler: impl FnMut(c_int)) -> unsafe extern "C" fn(c_int);
}
