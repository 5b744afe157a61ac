//! Form A: several closures in one call, one of them kept.

#[trampoline(direct = 2)]
unsafe extern "C-unwind" {
    safe fn walk(
        root: &Node,
        enter: impl for<'a> FnMut(&'a Node, *mut c_void) -> &'a Node,
        leave: impl Fn(&Node),
        #[scope(async)] freed: impl FnOnce(*mut c_void) + Send + 'static,
        _: c_int,
    ) -> c_int;
}
