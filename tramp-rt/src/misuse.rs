//! A misuse ends the process here, where it would otherwise be undefined behaviour.
//!
//! A misuse is detected while C is the caller. No Rust caller can receive an error, and unwinding through C frames is
//! not this crate's decision. So the process ends with a message that names the misuse. The message ends with the address
//! of its row in the guide's FAQ; `tests/faq.rs` checks that.
//!
//! Some of these functions are handlers in mapped slots: the poison of free slots, and the states of slots that must
//! not be entered. A thunk jumps to them, with the arguments of a call that they know nothing about. They take no
//! arguments, which every C calling convention allows. They never return, so a convention's rules for returning do not
//! matter.

/// The address of a row in the guide's FAQ.
macro_rules! faq {
    ($row:literal) => {
        concat!("tramp_rt::guide::faq#", $row)
    };
}

/// Where the C library's messages are explained.
#[cfg(feature = "capi")]
pub(crate) const MAN_PAGE: &str = "tramp(3)";

/// Writes `what` to standard error, with the address where it is explained, and aborts.
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
pub(crate) fn die(what: &str, see: &str) -> ! {
    use std::io::Write;

    let mut message = [0; 256];
    let mut rest = &mut message[..];
    let _ = writeln!(rest, "tramp: {what}; aborting, see {see}");
    let left = rest.len();
    report(&message[..message.len() - left]);
    std::process::abort()
}

/// Panics with `what`. If the program's panic handler lets panics unwind, this aborts, because nothing may unwind out
/// of C's functions.
#[cfg(not(feature = "std"))]
#[cold]
#[inline(never)]
pub(crate) fn die(what: &str, see: &str) -> ! {
    extern "C" fn end([what, see]: &[&str; 2]) -> ! {
        panic!("tramp: {what}; aborting, see {see}")
    }
    end(&[what, see])
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
    die(
        "a C function pointer was called after its trampoline was dropped, or a `once` trampoline was called again",
        faq!("dropped"),
    )
}

#[cfg(feature = "capi")]
#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_after_free() -> ! {
    die("a trampoline was called after it was freed", MAN_PAGE)
}

#[cfg(feature = "capi")]
#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_before_set() -> ! {
    die("a trampoline was called before it was given a target", MAN_PAGE)
}

#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_while_running() -> ! {
    die(
        "an FnMut closure was called while it was running (recursively, by a second thread, or after a longjmp out of it)",
        faq!("running"),
    )
}

#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_twice() -> ! {
    die("an FnOnce closure was called a second time", faq!("twice"))
}

#[cold]
#[inline(never)]
pub(crate) extern "C" fn called_from_another_thread() -> ! {
    die("a closure bound to its creating thread was called from another thread", faq!("thread"))
}

#[cold]
#[inline(never)]
pub(crate) fn called_while_state_is_borrowed() -> ! {
    die(
        "a callback was called beside one that has `&mut self` of the same state (recursively, by a second thread, or after a longjmp out of it)",
        faq!("beside"),
    )
}

#[cold]
#[inline(never)]
pub(crate) fn panicked_although_it_aborts() -> ! {
    die("a callback that aborts on panic panicked", faq!("aborts"))
}

#[cfg(feature = "std")]
#[cold]
#[inline(never)]
pub(crate) fn panicked_in_hook() -> ! {
    die("a panic's hook panicked, or the payload of a panic panicked when it was dropped", faq!("hook"))
}

#[cfg(feature = "std")]
#[cold]
#[inline(never)]
pub(crate) fn out_of_thread_numbers() -> ! {
    die("more threads made closures than there are numbers for threads", faq!("numbers"))
}
