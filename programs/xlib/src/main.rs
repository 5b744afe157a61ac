//! Traps X errors: what goes wrong in a scope comes back as values, and elsewhere the handler is what it was.
//!
//! ```sh
//! xvfb-run cargo run -p xlib
//! ```
//!
//! Xlib has one error handler for the process, gives it no user data, and by default it ends the process. A trap puts a
//! closure in its place that borrows from its caller, and puts back what was there. `by_hand.rs` does the same without
//! tramp; the lines of plumbing in both are marked, and `ci/programs --count` counts them.

use std::error::Error;
use std::ffi::c_int;
use std::ptr;

use tramp_rt::{Trampoline, while_installed};
use x11::xlib::{self, Display, XErrorEvent};

#[cfg(test)]
mod by_hand;

/// As the x11 crate declares it at `XSetErrorHandler`, without a name.
type Handler = Option<unsafe extern "C" fn(*mut Display, *mut XErrorEvent) -> c_int>;

/// What the server refused to do.
#[derive(Clone, Debug, PartialEq)]
struct XError {
    code: u8,
    request: u8,
    resource: u64,
}

impl XError {
    /// # Safety
    ///
    /// The event is valid.
    unsafe fn of(event: *const XErrorEvent) -> Self {
        // SAFETY: the event is valid: the condition of `of`.
        let event = unsafe { &*event };
        Self { code: event.error_code, request: event.request_code, resource: event.resourceid }
    }
}

/// Runs `body`, and returns with its result the errors that the server answered to what it did.
///
/// # Safety
///
/// The display is valid, and no other thread uses Xlib meanwhile: the handler is the process's.
unsafe fn trapped<R>(display: *mut Display, body: impl FnOnce() -> R) -> Result<(R, Vec<XError>), Box<dyn Error>> {
    let mut errors = Vec::new();
    // plumbing {
    let gather = |_, event: *mut XErrorEvent| {
        // SAFETY: Xlib passes an event that is valid for the call.
        errors.push(unsafe { XError::of(event) });
        0
    };
    // SAFETY: the display is valid, and no other thread uses Xlib. What was sent before is answered before: it is of
    // this trap, or it is not.
    let set = |handler| unsafe {
        xlib::XSync(display, xlib::False);
        xlib::XSetErrorHandler(handler)
    };
    let result = Trampoline::<Handler>::scoped_mut(gather, |gather| while_installed(gather, set, body));
    // }
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

    // One test, because a process has one handler.
    #[test]
    fn traps() {
        // One connection, for Xvfb resets itself after the last and is not there meanwhile.
        let connection = Connection::open().unwrap();
        traps_with(&connection, |connection, body| connection.trapped(body).unwrap());
        // SAFETY: the display is valid, and no other test uses Xlib.
        traps_with(&connection, |connection, body| unsafe { by_hand::trapped(connection.0, body) });
    }

    type Trapped = ((), Vec<XError>);

    fn traps_with(connection: &Connection, trapped: impl Fn(&Connection, &mut dyn FnMut()) -> Trapped) {
        let before = handler_in_place();

        assert_eq!(trapped(connection, &mut || ()), ((), vec![]));

        let ((), errors) = trapped(connection, &mut || (1..4).for_each(|window| connection.map_nothing(window)));
        assert_eq!(errors, [bad_window(1), bad_window(2), bad_window(3)]);

        // Each of two nested traps has its own; what was sent outside is not the inner one's.
        let mut inner = Vec::new();
        let ((), outer) = trapped(connection, &mut || {
            connection.map_nothing(1);
            ((), inner) = trapped(connection, &mut || connection.map_nothing(2));
            connection.map_nothing(3);
        });
        assert_eq!(inner, [bad_window(2)]);
        assert_eq!(outer, [bad_window(1), bad_window(3)]);

        // A body that panics leaves no handler behind.
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            trapped(connection, &mut || {
                connection.map_nothing(4);
                panic!("in a trap");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(handler_in_place().map(|handler| handler as usize), before.map(|handler| handler as usize));
    }
}
