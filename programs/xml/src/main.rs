//! Says what is wrong with an XML document.
//!
//! ```sh
//! cargo run -p xml -- '<a><b></a>'
//! ```
//!
//! libxml2 calls its error handler with a format and variable arguments, in pieces: a line comes by several calls. The
//! closure has C format each, and borrows the text that they go to.

use std::env;
use std::error::Error;
use std::ffi::{c_char, c_int, c_void};
use std::process::ExitCode;
use std::ptr;

use tramp_rt::{Trampoline, VaArgs};

/// `typedef void (*xmlGenericErrorFunc)(void *ctx, const char *msg, ...);`, as bindgen has it.
#[allow(non_camel_case_types, reason = "C's name")]
type xmlGenericErrorFunc = Option<unsafe extern "C" fn(ctx: *mut c_void, msg: *const c_char, ...)>;

/// `xmlDoc`, which only libxml2 looks into.
#[repr(C)]
struct Document {
    _private: [u8; 0],
}

#[link(name = "xml2")]
unsafe extern "C" {
    fn xmlSetGenericErrorFunc(ctx: *mut c_void, handler: xmlGenericErrorFunc);
    fn xmlReadMemory(
        buffer: *const c_char,
        size: c_int,
        url: *const c_char,
        encoding: *const c_char,
        options: c_int,
    ) -> *mut Document;
    fn xmlFreeDoc(document: *mut Document);
}

/// Has libxml2 read `document`. Returns whether it is well-formed, and what libxml2 says.
fn check(document: &str) -> Result<(bool, String), Box<dyn Error>> {
    let bytes = c_int::try_from(document.len())?;
    let mut said = String::new();
    let message = |_, format, args: VaArgs<'_>| {
        // SAFETY: libxml2 passes a format, and what it asks for.
        if let Some(text) = unsafe { args.format(format) } {
            said.push_str(&text.to_string_lossy());
        }
    };
    let is_well_formed = Trampoline::<xmlGenericErrorFunc>::scoped_mut(message, |message| {
        // SAFETY: so many bytes. The handler is this thread's alone, and is there until it is taken away again; a document
        // that was read is freed once.
        unsafe {
            xmlSetGenericErrorFunc(ptr::null_mut(), message);
            let read = xmlReadMemory(document.as_ptr().cast(), bytes, c"document".as_ptr(), ptr::null(), 0);
            xmlSetGenericErrorFunc(ptr::null_mut(), None);
            if !read.is_null() {
                xmlFreeDoc(read);
            }
            !read.is_null()
        }
    })
    .map_err(|failed| failed.to_string())?;
    Ok((is_well_formed, said))
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let document = env::args().nth(1).ok_or("write an XML document as the argument")?;
    let (is_well_formed, said) = check(&document)?;
    print!("{said}");
    println!("{}", if is_well_formed { "well-formed" } else { "not well-formed" });
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn nothing_is_said_of_what_is_well_formed() {
        assert_eq!(check("<a><b/></a>").unwrap(), (true, String::new()));
    }

    #[test]
    fn texts_and_numbers_are_those_that_libxml2_passes() {
        let (is_well_formed, said) = check("<a>\n<b></c></a>").unwrap();
        assert!(!is_well_formed);
        let first = said.lines().next().unwrap();
        assert_eq!(first, "document:2: parser error : Opening and ending tag mismatch: b line 2 and c");
        assert!(
            said.lines().any(|line| line == "<b></c></a>") && said.lines().any(|line| line.trim() == "^"),
            "{said}"
        );
    }

    #[test]
    fn each_call_has_its_own_text() {
        let (_, first) = check("<a").unwrap();
        let (_, second) = check("<a>&none;</a>").unwrap();
        assert!(!first.contains("none") && second.contains("Entity 'none' not defined"), "{first}{second}");
    }
}
