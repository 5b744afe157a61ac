//! Form A: functions that return an error where others panic.

#[trampoline]
unsafe extern "C" {
    /// Sorts.
    #[fallible]
    fn qsort(base: *mut c_void, count: usize, size: usize, compare: impl FnMut(*const c_void, *const c_void) -> c_int);
    #[fallible]
    fn walk(
        enter: impl FnMut(c_int),
        #[scope(owned)] leave: impl FnMut(c_int) + 'static,
        #[scope(async)] freed: impl FnOnce() + 'static,
    ) -> c_int;
}
