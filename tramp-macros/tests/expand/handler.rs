//! Form C: a handler of mutable state.

/// Counts and keeps lines.
#[trampoline]
#[inline]
pub extern "C" fn on_line(log: &mut Log, line: *mut c_char) -> c_int {
    log.count += 1;
    log.keep(line)
}

/// What another macro is told is that macro's.
#[trampoline]
#[measured(no_mangle)]
extern "C" fn on_end(log: &mut Log) {
    log.close();
}
