//! Form B: with lifetimes, type parameters, conditions and a renamed runtime.

#[trampoline(crate = crate::ffi::rt, direct = 0)]
type Visit<T, const N: usize = 4>
where
    T: Node,
= for<'a, 'b> extern "C" fn(
    tree: &'a T,
    path: &'b [T; N],
    #[cfg(windows)] handle: HANDLE,
    #[cfg(all(unix, feature = "depth"))] depth: c_int,
) -> &'a T;
