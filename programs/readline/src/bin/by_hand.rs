//! `main.rs` without tramp: what the callbacks need lies in statics.

use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;
use std::sync::{Mutex, PoisonError};

#[allow(clippy::allow_attributes_without_reason, dead_code, non_camel_case_types, reason = "as bindgen wrote it")]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

// plumbing {
/// The words of the call of `read_line` that runs.
static WORDS: Mutex<Words> = Mutex::new(Words { all: ptr::null(), count: 0 });

/// A slice whose lifetime a static cannot name.
struct Words {
    all: *const CString,
    count: usize,
}

// SAFETY: `read_line` puts a slice here that is valid until it takes it away, and `CString` is `Sync`.
unsafe impl Send for Words {}

impl Words {
    /// # Safety
    ///
    /// Not used after the call of `read_line` that set them.
    unsafe fn get<'a>() -> &'a [CString] {
        let words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
        if words.all.is_null() {
            return &[];
        }
        // SAFETY: they are set to a valid slice; how long, the caller knows.
        unsafe { std::slice::from_raw_parts(words.all, words.count) }
    }
}

/// Takes the words away also if what is between panics.
struct Restore {
    words: Words,
    function: ffi::rl_completion_func_t,
}

impl Restore {
    fn set(words: &[CString]) -> Self {
        let new = Words { all: words.as_ptr(), count: words.len() };
        let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: this is the only thread.
        let function = unsafe { ptr::replace(&raw mut ffi::rl_attempted_completion_function, Some(complete)) };
        Self { words: std::mem::replace(&mut *words, new), function }
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
        words.all = self.words.all;
        words.count = self.words.count;
        // SAFETY: this is the only thread.
        unsafe { ffi::rl_attempted_completion_function = self.function }
    }
}

unsafe extern "C" fn complete(word: *const c_char, _: c_int, _: c_int) -> *mut *mut c_char {
    // SAFETY: readline passes a C string that lives for the call.
    unsafe { ffi::rl_completion_matches(word, Some(generate)) }
}

/// How many of the words that match were generated.
static GENERATED: Mutex<usize> = Mutex::new(0);

unsafe extern "C" fn generate(word: *const c_char, state: c_int) -> *mut c_char {
    let mut generated = GENERATED.lock().unwrap_or_else(PoisonError::into_inner);
    if state == 0 {
        *generated = 0;
    }
    // SAFETY: readline passes a C string that lives for the call, and calls while `read_line` runs.
    let (words, word) = unsafe { (Words::get(), CStr::from_ptr(word)) };
    let next = matches(words, word).nth(*generated);
    *generated += 1;
    next.map_or(ptr::null_mut(), owned)
}
// }

/// Reads a line without its newline, or nothing at the end of the input.
fn read_line(prompt: &CStr, words: &[CString]) -> Option<String> {
    // plumbing {
    let _restore = Restore::set(words);
    // SAFETY: this is the only thread.
    let line = unsafe { ffi::readline(prompt.as_ptr()) };
    // }
    if line.is_null() {
        return None;
    }
    // SAFETY: readline gives a C string away, which is from C's heap.
    unsafe {
        let text = CStr::from_ptr(line).to_string_lossy().into_owned();
        libc::free(line.cast());
        Some(text)
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
    while let Some(line) = read_line(c"> ", &words) {
        println!("read: {line}");
    }
    Ok(())
}
