//! The third source of tables: a copy in a file that exists only in memory.
//!
//! The file is sealed before it is mapped. So its bytes are final, and no mapping of it can ever become writable.
//! Hardened hosts still forbid such files (`vm.memfd_noexec`, systemd's `SystemCallFilter=~memfd_create`), so this
//! source comes late.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd};

use super::unix::code::{At, Code};
use super::unix::linked::Linked;
use crate::source::Failure;

/// "This file will be executed". Linux has this flag since 6.3: `memfd_create(2)`.
const MFD_EXEC: libc::c_uint = 0x10;

/// Forbids new writes and new writable mappings: `fcntl(2)`, since Linux 5.1. Only this code has the file, so nobody
/// can write to it afterwards. `F_SEAL_WRITE` would have the same effect, but before Linux 6.7 it forbids every shared
/// mapping.
const F_SEAL_FUTURE_WRITE: libc::c_int = 0x10;

/// Maps a sealed copy of `contents`, the bytes of `linked`.
pub(super) fn map(linked: Linked<'_>, contents: &[u8], at: At) -> Result<Code, Failure> {
    let file = sealed(contents).map_err(Failure::Memfd)?;
    let code = Code::of_file(&file, 0, contents.len(), at).map_err(Failure::Memfd)?;
    // SAFETY: mapped readable.
    if unsafe { code.holds(linked) } { Ok(code) } else { Err(Failure::Differs { path: "/memfd:tramp tables".into() }) }
}

fn sealed(contents: &[u8]) -> io::Result<File> {
    let mut file = create(MFD_EXEC).or_else(|error| match error.raw_os_error() {
        Some(libc::EINVAL) => create(0), // the kernel does not know the flag
        _ => Err(error),
    })?;
    file.write_all(contents)?;
    let seals = F_SEAL_FUTURE_WRITE | libc::F_SEAL_GROW | libc::F_SEAL_SHRINK | libc::F_SEAL_SEAL;
    // SAFETY: changes a file that no other code has.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) } == 0 {
        Ok(file)
    } else {
        Err(io::Error::last_os_error())
    }
}

fn create(flags: libc::c_uint) -> io::Result<File> {
    // This is the system call itself, because older C libraries have no function for it.
    // SAFETY: makes a descriptor. The name ends in a zero.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_memfd_create,
            c"tramp tables".as_ptr(),
            flags | libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING,
        )
    };
    match i32::try_from(descriptor) {
        // SAFETY: the descriptor is new, and nothing else owns it.
        Ok(descriptor @ 0..) => Ok(unsafe { File::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, SeekFrom};

    #[test]
    fn what_is_sealed_cannot_be_written_any_more() {
        let Ok(mut file) = sealed(&[0xcc; 4096]) else {
            return eprintln!("what_is_sealed_cannot_be_written_any_more: skipped, no memfd here");
        };
        file.seek(SeekFrom::Start(0)).expect("a position");
        assert_eq!(file.write(&[0]).expect_err("sealed").raw_os_error(), Some(libc::EPERM));
        assert_eq!(file.set_len(0).expect_err("sealed").raw_os_error(), Some(libc::EPERM));
        // SAFETY: nothing else changes this file.
        assert!(unsafe { memmap2::MmapMut::map_mut(&file) }.is_err(), "no mapping can be writable");
    }
}
