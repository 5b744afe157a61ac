//! Form A: closures that C keeps, called by any thread or by this one.

#[trampoline]
unsafe extern "C" {
    fn atexit(run: impl FnOnce() + Send + 'static) -> c_int;
    fn set_logger(log: impl Fn(&CStr) + Send + Sync + 'static);
    fn set_progress_handler(every: c_int, handler: impl FnMut() -> c_int + 'static);
}
