//! The kernel's name and version, for reports.

use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;

/// As in `Linux 6.18.0`: `uname(3)`.
pub(crate) fn system() -> String {
    let mut about = MaybeUninit::<libc::utsname>::uninit();
    // SAFETY: writes the whole of it, or fails.
    if unsafe { libc::uname(about.as_mut_ptr()) } < 0 {
        return std::env::consts::OS.into();
    }
    // SAFETY: written by the call.
    let about = unsafe { about.assume_init() };
    format!("{} {}", text(&about.sysname), text(&about.release))
}

fn text(field: &[c_char]) -> String {
    // SAFETY: a zero ends each field.
    unsafe { CStr::from_ptr(field.as_ptr()) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_kernel_has_a_name_and_a_version() {
        let system = super::system();
        let (name, version) = system.split_once(' ').expect("two words");
        assert!(!name.is_empty(), "{system}");
        assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{system}");
    }
}
