//! Form C: a handler that runs once, generic and `unsafe`.

#[trampoline]
#[allow(clippy::needless_pass_by_value)]
unsafe extern "C-unwind" fn finished<T: Sink>(sink: T, data: *const u8, #[cfg(feature = "length")] length: usize) {
    sink.done(unsafe { *data });
}
