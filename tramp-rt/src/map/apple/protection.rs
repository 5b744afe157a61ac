//! What `vm_remap` says that a copy may do.

use core::ffi::c_int;

use libc::{PROT_EXEC, PROT_READ, PROT_WRITE};

/// A copy of code, by the protection that `vm_remap` reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reported {
    /// It can be read and run.
    Code,
    /// It can be read. iOS 15 on a device reports so of text, and makes the copy executable when it is asked to.
    Data,
    /// It cannot be compared, or it can be written.
    Neither,
}

/// The bits are those of `mmap(2)`: `mach/vm_prot.h`.
pub(super) fn reported(protection: c_int) -> Reported {
    const CODE: c_int = PROT_READ | PROT_EXEC;
    match protection & (CODE | PROT_WRITE) {
        CODE => Reported::Code,
        PROT_READ => Reported::Data,
        _ => Reported::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_written_or_not_be_read_is_no_code() {
        assert_eq!(reported(PROT_READ | PROT_EXEC), Reported::Code);
        assert_eq!(reported(PROT_READ), Reported::Data);
        for refused in [0, PROT_EXEC, PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE | PROT_EXEC] {
            assert_eq!(reported(refused), Reported::Neither, "{refused}");
        }
        // `VM_PROT_UEXEC` and what may come: the bits that are not mmap's say nothing of reading, writing and running.
        assert_eq!(reported(PROT_READ | PROT_EXEC | 8), Reported::Code);
    }
}
