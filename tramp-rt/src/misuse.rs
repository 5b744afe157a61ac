//! A misuse ends the process here, where it would otherwise be undefined behaviour.
//!
//! A misuse is detected while C is the caller. No Rust caller can receive an error, and unwinding through C frames is
//! not this crate's decision. So the process ends with a message that names the misuse. The guide's FAQ has a row for each
//! message; `tests/faq.rs` checks that.
//!
//! Some of these functions are handlers in mapped slots: the poison of free slots, and the states of slots that must
//! not be entered. A thunk jumps to them, with the arguments of a call that they know nothing about. They take no
//! arguments, which every C calling convention allows. They never return, so a convention's rules for returning do not
//! matter.

/// Writes `what` to standard error and aborts.
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
pub(crate) fn die(what: &str) -> ! {
    use std::io::Write;

    let mut message = [0; 256];
    let mut rest = &mut message[..];
    let _ = writeln!(rest, "tramp: {what}; aborting");
    let left = rest.len();
    report(&message[..message.len() - left]);
    std::process::abort()
}

/// Panics with `what`. If the program's panic handler lets panics unwind, this aborts, because nothing may unwind out
/// of C's functions.
#[cfg(not(feature = "std"))]
#[cold]
#[inline(never)]
pub(crate) fn die(what: &str) -> ! {
    extern "C" fn end(what: &&str) -> ! {
        panic!("tramp: {what}; aborting")
    }
    end(&what)
}

/// Writes to standard error if it is open. It does not use std's lock, because after a `fork` no thread may be left to
/// release the lock.
#[cfg(all(feature = "std", unix))]
fn report(message: &[u8]) {
    use std::io::Write;
    use std::os::fd::FromRawFd;

    // SAFETY: `ManuallyDrop` never closes the descriptor. If the descriptor is closed already, writing returns an
    // error.
    let standard_error = core::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(2) });
    let _ = (&*standard_error).write_all(message);
}

#[cfg(all(feature = "std", windows))]
fn report(message: &[u8]) {
    use std::io::Write;
    use std::os::windows::io::{AsRawHandle, FromRawHandle};

    // SAFETY: `ManuallyDrop` never closes the handle. If there is none, writing returns an error.
    let standard_error =
        core::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_handle(std::io::stderr().as_raw_handle()) });
    let _ = (&*standard_error).write_all(message);
}

#[cfg(all(feature = "std", not(any(unix, windows))))]
fn report(message: &[u8]) {
    use std::io::Write;

    let _ = std::io::stderr().write_all(message);
}

/// The poison: the handler of every free mapped slot.
#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_after_drop() -> ! {
    die("a C function pointer was called after its trampoline was dropped, or a `once` trampoline was called again")
}

#[cfg(feature = "capi")]
#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_after_free() -> ! {
    die("a trampoline was called after it was freed")
}

#[cfg(feature = "capi")]
#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_before_set() -> ! {
    die("a trampoline was called before it was given a target")
}

#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_while_running() -> ! {
    die(
        "an FnMut closure was called while it was running (recursively, by a second thread, or after a longjmp out of it)",
    )
}

#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_twice() -> ! {
    die("an FnOnce closure was called a second time")
}

#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_from_another_thread() -> ! {
    die("a closure bound to its creating thread was called from another thread")
}

#[cold]
#[inline(never)]
pub(crate) fn called_while_state_is_borrowed() -> ! {
    die(
        "a callback was called beside one that has `&mut self` of the same state (recursively, by a second thread, or after a longjmp out of it)",
    )
}
