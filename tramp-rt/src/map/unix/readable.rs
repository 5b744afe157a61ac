//! Whether text can be read. It may be execute-only.

use std::borrow::Cow;
use std::io;

use super::linked;
use crate::arch;
use crate::source::Failure;

/// The bytes of the linked tables.
pub(crate) fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
    if is_readable(arch::tables()) {
        // SAFETY: the kernel has just read a byte there.
        Ok(unsafe { linked::in_place() })
    } else {
        Err(Failure::Unreadable(io::ErrorKind::Unsupported.into()))
    }
}

/// Asks the kernel to read the text. Where the process would be killed, the kernel returns EFAULT. `access(2)` reads
/// the name of a file there. The bytes of the name do not matter.
fn is_readable(text: *const u8) -> bool {
    // SAFETY: only the kernel reads the name, and it checks whether it can.
    let found = unsafe { libc::access(text.cast(), libc::F_OK) };
    found == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EFAULT)
}

#[cfg(test)]
mod tests {
    use super::super::code::Code;
    use super::*;

    #[test]
    fn it_is_known_what_can_be_read() {
        assert!(is_readable(arch::tables()));
        assert!(linked_bytes().is_ok());
        let place = Code::place(arch::PAGE_BYTES).expect("an address");
        assert!(!is_readable(place.start()));
    }
}
