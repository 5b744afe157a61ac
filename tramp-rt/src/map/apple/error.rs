//! The kernel's return codes: `mach/kern_return.h`.

use core::ffi::c_int;
use std::io;

/// Success, or the error that corresponds to the kernel's code.
pub(super) fn check(returned: c_int) -> io::Result<()> {
    let kind = match returned {
        0 => return Ok(()),
        1 | 4 => io::ErrorKind::InvalidInput, // KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT
        2 | 8 => io::ErrorKind::PermissionDenied, // KERN_PROTECTION_FAILURE, KERN_NO_ACCESS
        3 | 6 => io::ErrorKind::OutOfMemory,  // KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE
        46 => io::ErrorKind::Unsupported,     // KERN_NOT_SUPPORTED
        _ => io::ErrorKind::Other,
    };
    Err(io::Error::new(kind, format!("kern_return_t {returned}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Failure;

    #[test]
    fn want_of_room_is_want_of_memory() {
        assert!(check(0).is_ok());
        for returned in [3, 6] {
            assert!(Failure::Duplicate(check(returned).expect_err("an error")).is_out_of_memory());
        }
        for returned in [-1, 1, 2, 4, 5, 7, 8, 46, 1000] {
            let error = check(returned).expect_err("an error");
            assert!(error.to_string().ends_with(&returned.to_string()), "{error}");
            assert!(!Failure::Duplicate(error).is_out_of_memory());
        }
    }
}
