//! Gathers GLFW's errors, each with its text.
//!
//! ```sh
//! xvfb-run cargo run -p glfw
//! ```
//!
//! GLFW's error callback gets a number and a text that is gone afterwards: no user data. Here it is a closure that owns
//! one end of a channel; it may be called by every thread that uses GLFW. `by_hand.rs` does the same without tramp; the lines
//! of plumbing in both are marked, and `ci/programs --count` counts them.

use std::error::Error;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::mpsc::{Receiver, channel};

use glfw_sys as ffi;
use tramp_rt::{Installed, Trampoline};

#[cfg(test)]
mod by_hand;

/// A hint that there is none of, for errors.
const NO_HINT: c_int = 0x7fff;

#[derive(Debug, PartialEq)]
struct GlfwError {
    code: c_int,
    text: String,
}

/// Gathers errors while it lives; then what gathered them before does so again.
trait Gather: Sized {
    /// # Safety
    ///
    /// Call it only on the main thread. If several live, the last one made must be dropped first.
    unsafe fn gather() -> Result<Self, Box<dyn Error>>;

    /// The errors since the last look.
    fn take(&self) -> Vec<GlfwError>;
}

struct Errors {
    gathered: Receiver<GlfwError>,
    // plumbing {
    _installed: Installed<ffi::GLFWerrorfun>,
    // }
}

impl Gather for Errors {
    unsafe fn gather() -> Result<Self, Box<dyn Error>> {
        let (sender, gathered) = channel();
        // plumbing {
        let callback = Trampoline::<ffi::GLFWerrorfun>::new(move |code, text: *const c_char| {
            // SAFETY: GLFW passes a C string that lives for the call.
            let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
            drop(sender.send(GlfwError { code, text })); // nobody receives an error that comes while `Errors` is dropped
        })?;
        // SAFETY: on the main thread, last to come and first to go: the conditions of `gather`. The callback is in
        // place while it lives.
        let installed = callback.install(|callback| unsafe { ffi::glfwSetErrorCallback(callback) });
        // }
        Ok(Self { gathered, _installed: installed })
    }

    fn take(&self) -> Vec<GlfwError> {
        self.gathered.try_iter().collect()
    }
}

/// Opens a window of no size, asks for a hint that there is none of, and opens a window as it should be.
///
/// # Safety
///
/// On the main thread only, with GLFW initialized.
unsafe fn try_windows() -> bool {
    // SAFETY: on the main thread, with GLFW initialized: the conditions of `try_windows`.
    unsafe {
        ffi::glfwWindowHint(ffi::GLFW_CLIENT_API, ffi::GLFW_NO_API);
        ffi::glfwWindowHint(NO_HINT, 1);
        let open = |width, height| {
            let window = ffi::glfwCreateWindow(width, height, c"a window".as_ptr(), ptr::null_mut(), ptr::null_mut());
            if !window.is_null() {
                ffi::glfwDestroyWindow(window);
            }
            !window.is_null()
        };
        !open(0, 0) && open(64, 64)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // SAFETY: this is the main thread, and there is one `Errors`.
    let (initialized, opened, errors) = unsafe {
        let errors = Errors::gather()?;
        let initialized = ffi::glfwInit() == ffi::GLFW_TRUE;
        let opened = initialized && try_windows();
        ffi::glfwTerminate();
        (initialized, opened, errors)
    };
    for GlfwError { code, text } in errors.take() {
        println!("{code:#x}: {text}");
    }
    if !initialized {
        return Err("no display: start an X server, or run under xvfb-run".into());
    }
    println!("opened a window: {opened}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn codes(errors: &impl Gather) -> Vec<c_int> {
        errors.take().into_iter().map(|error| error.code).collect()
    }

    // One test, because a process has one callback. On X11 any one thread may be the main one.
    #[test]
    fn errors_are_gathered() {
        errors_are_gathered_by::<Errors>();
        errors_are_gathered_by::<by_hand::Errors>();
    }

    fn errors_are_gathered_by<Errors: Gather>() {
        // SAFETY: only this thread uses GLFW, except for `glfwGetTime`, which any thread may call. `inner` is dropped first.
        unsafe {
            let outer = Errors::gather().unwrap();
            assert_eq!(ffi::glfwGetTime().to_bits(), 0.0_f64.to_bits());
            assert_eq!(codes(&outer), [ffi::GLFW_NOT_INITIALIZED]);

            assert_eq!(ffi::glfwInit(), ffi::GLFW_TRUE, "a display: run under xvfb-run");
            assert!(try_windows());
            let errors = outer.take();
            assert_eq!(errors.len(), 2, "{errors:?}");
            assert_eq!(
                errors[0],
                GlfwError { code: ffi::GLFW_INVALID_ENUM, text: "Invalid window hint 0x00007FFF".into() }
            );
            assert_eq!(errors[1].code, ffi::GLFW_INVALID_VALUE, "{errors:?}");

            // The callback in place is the inner one's, then the outer one's again.
            let inner = Errors::gather().unwrap();
            ffi::glfwWindowHint(NO_HINT, 1);
            assert_eq!((codes(&inner), codes(&outer)), (vec![ffi::GLFW_INVALID_ENUM], vec![]));
            drop(inner);
            ffi::glfwWindowHint(NO_HINT, 1);
            assert_eq!(codes(&outer), [ffi::GLFW_INVALID_ENUM]);

            // Called by another thread.
            ffi::glfwTerminate();
            thread::spawn(|| ffi::glfwGetTime()).join().unwrap();
            assert_eq!(codes(&outer), [ffi::GLFW_NOT_INITIALIZED]);

            drop(outer);
            assert!(ffi::glfwSetErrorCallback(None).is_none(), "what was there before was nothing");
        }
    }
}
