//! `Errors` without tramp: who gathers lies in a static.

use std::ffi::{CStr, c_char, c_int};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use glfw_sys as ffi;

use crate::{Gather, GlfwError};

pub(crate) struct Errors {
    gathered: Receiver<GlfwError>,
    // plumbing {
    _restore: Restore,
    // }
}

// plumbing {
/// Where the callback puts errors.
static SENDER: Mutex<Option<Sender<GlfwError>>> = Mutex::new(None);

unsafe extern "C" fn report(code: c_int, text: *const c_char) {
    // A panic that unwinds into C would be undefined.
    let result = std::panic::catch_unwind(|| {
        // SAFETY: GLFW passes a C string that lives for the call.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
        if let Some(sender) = &*SENDER.lock().unwrap_or_else(PoisonError::into_inner) {
            drop(sender.send(GlfwError { code, text }));
        }
    });
    if result.is_err() {
        std::process::abort();
    }
}

struct Restore {
    callback: ffi::GLFWerrorfun,
    sender: Option<Sender<GlfwError>>,
}

impl Restore {
    /// # Safety
    ///
    /// As `gather`.
    unsafe fn set(sender: Sender<GlfwError>) -> Self {
        let sender = SENDER.lock().unwrap_or_else(PoisonError::into_inner).replace(sender);
        // SAFETY: on the main thread: a condition of `set`.
        Self { sender, callback: unsafe { ffi::glfwSetErrorCallback(Some(report)) } }
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        // SAFETY: on the main thread, and last to come, first to go: the conditions of `set`.
        unsafe { ffi::glfwSetErrorCallback(self.callback) };
        *SENDER.lock().unwrap_or_else(PoisonError::into_inner) = self.sender.take();
    }
}
// }

impl Gather for Errors {
    unsafe fn gather() -> Result<Self, Box<dyn std::error::Error>> {
        let (sender, gathered) = channel();
        // plumbing {
        // SAFETY: on the main thread, last to come and first to go: the conditions of `gather`, and of `set`.
        let restore = unsafe { Restore::set(sender) };
        // }
        Ok(Self { gathered, _restore: restore })
    }

    fn take(&self) -> Vec<GlfwError> {
        self.gathered.try_iter().collect()
    }
}
