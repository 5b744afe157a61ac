//! Makes a `FILE` that numbers the lines that C writes.
//!
//! ```sh
//! cargo run -p stream -- pear fig
//! ```
//!
//! `fopencookie` makes a `FILE` of four callbacks, which share one state. `fclose` calls `close` last, and that call frees the
//! state. So nobody has to keep an owner: the `FILE` can go to any C code, which closes it when it likes.

use std::env;
use std::error::Error;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::mpsc::{Sender, channel};

use tramp_rt::{Ops, trampoline};

/// `cookie_io_functions_t`, as bindgen has it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Functions {
    read: Option<unsafe extern "C" fn(*mut c_void, *mut c_char, usize) -> isize>,
    write: Option<unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> isize>,
    seek: Option<unsafe extern "C" fn(*mut c_void, *mut i64, c_int) -> c_int>,
    close: Option<unsafe extern "C" fn(*mut c_void) -> c_int>,
}

/// `FILE`, which only C looks into.
#[repr(C)]
struct File {
    _private: [u8; 0],
}

unsafe extern "C" {
    fn fopencookie(cookie: *mut c_void, mode: *const c_char, functions: Functions) -> *mut File;
    fn fprintf(file: *mut File, format: *const c_char, ...) -> c_int;
    fn fclose(file: *mut File) -> c_int;
}

/// The lines that C has written so far. The whole text goes to a channel when C closes the stream.
struct Numbered {
    text: Vec<u8>,
    lines: usize,
    to: Sender<Vec<u8>>,
}

#[trampoline(ops = Functions)]
impl Numbered {
    extern "C" fn write(&mut self, _: *mut c_void, at: *const c_char, bytes: usize) -> isize {
        // SAFETY: C passes the address of so many bytes.
        let bytes = unsafe { slice::from_raw_parts(at.cast::<u8>(), bytes) };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if matches!(self.text.last(), None | Some(b'\n')) {
                self.lines += 1;
                self.text.extend(format!("{}: ", self.lines).bytes());
            }
            self.text.extend(line);
        }
        isize::try_from(bytes.len()).unwrap_or(-1)
    }

    extern "C" fn close(self, _: *mut c_void) -> c_int {
        if self.to.send(self.text).is_ok() { 0 } else { -1 }
    }
}

/// Opens a `FILE` for `mode`. From here on C owns the state, until `fclose`.
fn open(mode: &str, to: Sender<Vec<u8>>) -> Result<*mut File, Box<dyn Error>> {
    let mode = CString::new(mode)?;
    let empty = Functions { read: None, write: None, seek: None, close: None };
    let state = Numbered { text: Vec::new(), lines: 0, to };
    let functions: Ops<Functions> = state.bind(empty).map_err(|failed| failed.to_string())?;
    // SAFETY: C copies the struct, and calls its functions until it calls `close`.
    let file = unsafe { fopencookie(ptr::null_mut(), mode.as_ptr(), *functions.as_ptr()) };
    if file.is_null() {
        return Err(std::io::Error::last_os_error().into()); // `functions` owns the state, and frees it
    }
    functions.give();
    Ok(file)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (to, texts) = channel();
    let file = open("w", to)?;
    for line in env::args().skip(1) {
        let line = CString::new(line)?;
        // SAFETY: the format asks for a C string.
        unsafe { fprintf(file, c"%s\n".as_ptr(), line.as_ptr()) };
    }
    // SAFETY: it is open, and nobody uses it afterwards.
    unsafe { fclose(file) };
    print!("{}", String::from_utf8_lossy(&texts.recv()?));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_writes_and_its_last_call_frees_the_state() {
        let (to, texts) = channel();
        let file = open("w", to).unwrap();
        // SAFETY: the formats ask for what is there; the file is closed once.
        unsafe {
            fprintf(file, c"one and %d\nthree".as_ptr(), 2 as c_int);
            fprintf(file, c", four\n".as_ptr());
            assert!(texts.try_recv().is_err(), "the stream is open");
            assert_eq!(fclose(file), 0);
        }
        assert_eq!(texts.recv().unwrap(), b"1: one and 2\n2: three, four\n");
        assert!(texts.recv().is_err(), "the state and its sender are gone");
    }

    #[test]
    fn what_close_returns_is_what_fclose_says() {
        let (to, texts) = channel();
        let file = open("w", to).unwrap();
        drop(texts);
        // SAFETY: it is closed once.
        assert_eq!(unsafe { fclose(file) }, -1);
    }

    #[test]
    fn what_c_refuses_is_freed_here() {
        let (to, texts) = channel();
        let error = open("no mode", to).unwrap_err();
        assert_eq!(error.downcast_ref::<std::io::Error>().unwrap().raw_os_error(), Some(22), "EINVAL");
        assert!(texts.recv().is_err(), "no sender is left");
    }
}
