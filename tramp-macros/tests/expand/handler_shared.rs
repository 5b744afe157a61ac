//! Form C: a handler of shared state.

#[trampoline]
extern "C" fn find<'a>(Table { names, .. }: &Table, key: &'a CStr) -> Option<&'a CStr> {
    names.contains(key).then_some(key)
}
