//! Form A: a closure borrowed for the call.

#[trampoline]
unsafe extern "C" {
    /// Sorts `count` elements of `size` bytes at `base`.
    pub fn qsort(
        base: *mut c_void,
        count: usize,
        size: usize,
        compare: impl FnMut(*const c_void, *const c_void) -> c_int,
    );

    fn abort() -> !;
}
