//! Traps X errors: what goes wrong in a scope comes back as values, and elsewhere the handler is what it was.
//!
//! ```sh
//! xvfb-run cargo run -p xlib
//! ```
//!
//! Xlib has one error handler for the process, gives it no user data, and by default it ends the process. A trap puts a
//! closure in its place that borrows from its caller, and puts back what was there.

use std::error::Error;
use std::ffi::c_int;
use std::ptr;

use tramp_rt::Trampoline;
use x11::xlib::{self, Display, XErrorEvent};

/// As the x11 crate declares it at `XSetErrorHandler`, without a name.
type Handler = Option<unsafe extern "C" fn(*mut Display, *mut XErrorEvent) -> c_int>;

/// What the server refused to do.
#[derive(Clone, Debug, PartialEq)]
struct XError {
    code: u8,
    request: u8,
    resource: u64,
}

/// The handler that was in place before, which is put back also if the body of a trap panics.
struct Restore {
    display: *mut Display,
    handler: Handler,
}

impl Drop for Restore {
    fn drop(&mut self) {
        // SAFETY: the display is valid, as the caller of `trapped` says, and so is a handler that was in place. What
        // the body did has been answered before the trap is gone.
        unsafe {
            xlib::XSync(self.display, xlib::False);
            xlib::XSetErrorHandler(self.handler);
        }
    }
}

/// Runs `body`, and returns with its result the errors that the server answered to what it did.
///
/// # Safety
///
/// The display is valid, and no other thread uses Xlib meanwhile: the handler is the process's.
unsafe fn trapped<R>(display: *mut Display, body: impl FnOnce() -> R) -> Result<(R, Vec<XError>), Box<dyn Error>> {
    let mut errors = Vec::new();
    let handler = |_, event: *mut XErrorEvent| {
        // SAFETY: Xlib passes an event that is valid for the call.
        let event = unsafe { &*event };
        errors.push(XError { code: event.error_code, request: event.request_code, resource: event.resourceid });
        0
    };
    let result = Trampoline::<Handler>::scoped_mut(handler, |handler| {
        // SAFETY: as the caller promises; the handler is in place for as long as it lives, by `Restore`.
        let _restore = unsafe {
            xlib::XSync(display, xlib::False); // earlier errors are not of this trap
            Restore { display, handler: xlib::XSetErrorHandler(handler) }
        };
        body()
    });
    match result {
        Ok(result) => Ok((result, errors)),
        Err(failed) => Err(failed.to_string().into()),
    }
}

/// A connection to the X server that `DISPLAY` names.
struct Connection(*mut Display);

impl Connection {
    fn open() -> Result<Self, Box<dyn Error>> {
        // SAFETY: without a name it is the environment's.
        let display = unsafe { xlib::XOpenDisplay(ptr::null()) };
        if display.is_null() { Err("no X server: start one, or run under xvfb-run".into()) } else { Ok(Self(display)) }
    }

    /// Asks for the map of a window that does not exist, which is a `BadWindow` later.
    fn map_nothing(&self, window: u64) {
        // SAFETY: the display is valid; the server checks the window.
        unsafe { xlib::XMapWindow(self.0, window) };
    }

    fn trapped<R>(&self, body: impl FnOnce() -> R) -> Result<(R, Vec<XError>), Box<dyn Error>> {
        // SAFETY: the display is valid, and this program has one thread.
        unsafe { trapped(self.0, body) }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: it is ours.
        unsafe { xlib::XCloseDisplay(self.0) };
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let connection = Connection::open()?;
    let ((), errors) = connection.trapped(|| connection.map_nothing(0xbad))?;
    println!("trapped: {errors:?}");
    let (sum, errors) = connection.trapped(|| 1 + 1)?;
    println!("nothing wrong with {sum}: {errors:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    const MAP_WINDOW: u8 = 8; // X_MapWindow in X11/Xproto.h

    fn bad_window(resource: u64) -> XError {
        XError { code: xlib::BadWindow, request: MAP_WINDOW, resource }
    }

    fn handler_in_place() -> Handler {
        // SAFETY: it is put back at once.
        unsafe {
            let handler = xlib::XSetErrorHandler(None);
            xlib::XSetErrorHandler(handler);
            handler
        }
    }

    // One test, for the handler is the process's.
    #[test]
    fn traps() {
        let connection = Connection::open().unwrap();
        let before = handler_in_place();

        let (result, errors) = connection.trapped(|| "nothing").unwrap();
        assert_eq!((result, errors), ("nothing", vec![]));

        let ((), errors) = connection.trapped(|| (1..4).for_each(|window| connection.map_nothing(window))).unwrap();
        assert_eq!(errors, [bad_window(1), bad_window(2), bad_window(3)]);

        // Each of two nested traps has its own; what was sent outside is not the inner one's.
        let (inner, outer) = connection
            .trapped(|| {
                connection.map_nothing(1);
                let ((), inner) = connection.trapped(|| connection.map_nothing(2)).unwrap();
                connection.map_nothing(3);
                inner
            })
            .unwrap();
        assert_eq!(inner, [bad_window(2)]);
        assert_eq!(outer, [bad_window(1), bad_window(3)]);

        // A body that panics leaves no handler behind.
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            connection.trapped(|| {
                connection.map_nothing(4);
                panic!("in a trap");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(handler_in_place().map(|handler| handler as usize), before.map(|handler| handler as usize));
    }
}
