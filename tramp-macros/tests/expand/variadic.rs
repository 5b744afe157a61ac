//! `...` in a type, a handler and an `impl`, and `VaArgs` in its place.

#[trampoline]
type Message = unsafe extern "C" fn(context: *mut c_void, format: *const c_char, ...) -> c_int;

#[trampoline]
unsafe extern "C" fn on_message(log: &mut Log, format: *const c_char, mut args: ...) {
    log.add(format, args);
}

#[trampoline]
unsafe extern "C" {
    fn set(message: impl FnMut(*mut c_void, *const c_char, VaArgs<'_>));
}
