//! `sysctl(3)` of the BSDs.

use core::ffi::c_int;
use std::io;

/// The value of this name: a list that may grow while it is read.
pub(crate) fn read(name: &[c_int]) -> io::Result<Vec<u8>> {
    let mut value = Vec::<u8>::new();
    loop {
        let mut bytes = value.len();
        let to = if value.is_empty() { core::ptr::null_mut() } else { value.as_mut_ptr().cast() };
        #[allow(clippy::cast_possible_truncation, reason = "names have less than a dozen parts")]
        let count = name.len() as libc::c_uint;
        // SAFETY: the call writes at most `bytes` bytes, if there is a place for them, and sets nothing.
        let done = unsafe { libc::sysctl(name.as_ptr(), count, to, &raw mut bytes, core::ptr::null_mut(), 0) };
        let error = io::Error::last_os_error();
        match (done, error.raw_os_error()) {
            (0, _) if !value.is_empty() || bytes == 0 => {
                value.truncate(bytes);
                return Ok(value);
            }
            (0, _) | (_, Some(libc::ENOMEM)) => {
                let bytes = bytes.max(value.len()).saturating_mul(4) / 3 + 1;
                value.clear();
                value.try_reserve_exact(bytes).map_err(|_| io::ErrorKind::OutOfMemory)?;
                value.resize(bytes, 0);
            }
            _ => return Err(error),
        }
    }
}
