//! Form A: closures that C keeps, called by any thread or by this one.

#[trampoline]
unsafe extern "C" {
    fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> c_int;
    fn set_logger(#[scope(forever)] log: impl Fn(&CStr) + Send + Sync + 'static);
    fn set_progress_handler(every: c_int, #[scope(forever)] handler: impl FnMut() -> c_int + 'static);
}
