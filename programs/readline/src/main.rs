//! Reads a line with completion from a list of words.
//!
//! ```sh
//! cargo run -p readline -- apple apricot banana
//! ```
//!
//! readline asks a completion function for a word's completions, which it mostly makes of a generator that is called
//! until it has no more: two callbacks, one given by the other, and no user data. Here both are closures. The
//! one borrows the words, the other what it has still to say. `by_hand.rs` is the same program without tramp; the lines
//! of plumbing in both are marked, and `ci/programs --count` counts them.

use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use tramp_rt::Trampoline;

#[allow(clippy::allow_attributes_without_reason, dead_code, non_camel_case_types, reason = "as bindgen wrote it")]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

/// Reads a line without its newline, or nothing at the end of the input.
fn read_line(prompt: &CStr, words: &[CString]) -> Result<Option<String>, Box<dyn Error>> {
    // plumbing {
    let complete = |word: *const c_char, _: c_int, _: c_int| {
        // SAFETY: readline passes a C string that lives for the call.
        let mut matching = matches(words, unsafe { CStr::from_ptr(word) });
        Trampoline::<ffi::rl_compentry_func_t>::scoped_mut(
            |_, _| matching.next().map_or(ptr::null_mut(), owned),
            // SAFETY: the generator answers with strings from C's heap, until there are none.
            |generate| unsafe { ffi::rl_completion_matches(word, generate) },
        )
        .unwrap_or(ptr::null_mut())
    };
    let line = Trampoline::<ffi::rl_completion_func_t>::scoped(complete, |complete| {
        // SAFETY: this is the only thread; the closure is in place for as long as it lives.
        unsafe {
            let before = ptr::replace(&raw mut ffi::rl_attempted_completion_function, complete);
            let line = ffi::readline(prompt.as_ptr());
            ffi::rl_attempted_completion_function = before;
            line
        }
    });
    // }
    let line = line.map_err(|failed| failed.to_string())?;
    if line.is_null() {
        return Ok(None);
    }
    // SAFETY: readline gives a C string away, which is from C's heap.
    unsafe {
        let text = CStr::from_ptr(line).to_string_lossy().into_owned();
        libc::free(line.cast());
        Ok(Some(text))
    }
}

/// The words that begin as `word` does.
fn matches<'a>(words: &'a [CString], word: &'a CStr) -> impl Iterator<Item = &'a CString> {
    words.iter().filter(|candidate| candidate.to_bytes().starts_with(word.to_bytes()))
}

/// A copy for readline to free.
fn owned(word: &CString) -> *mut c_char {
    // SAFETY: it is a C string.
    unsafe { libc::strdup(word.as_ptr()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words = env::args().skip(1).map(CString::new).collect::<Result<Vec<_>, _>>()?;
    while let Some(line) = read_line(c"> ", &words)? {
        println!("read: {line}");
    }
    Ok(())
}
