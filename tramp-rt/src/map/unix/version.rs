//! The kernel's name and version, for reports.

use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;

/// For example `Linux 6.18.0`: `uname(3)`.
pub(crate) fn system() -> String {
    let mut about = MaybeUninit::<libc::utsname>::uninit();
    // SAFETY: the call writes the whole structure or fails.
    if unsafe { libc::uname(about.as_mut_ptr()) } < 0 {
        return std::env::consts::OS.into();
    }
    // SAFETY: the call has written it.
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
