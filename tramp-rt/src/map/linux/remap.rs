//! `mremap(2)`: how mappings are duplicated.

use std::io;

/// linux/mman.h
const MREMAP_MAYMOVE: libc::c_int = 1;
const MREMAP_FIXED: libc::c_int = 2;
/// Leaves the old mapping where it is and takes only its pages, which come back from the file when they are wanted:
/// `mremap(2)`, since Linux 5.7, of files since 5.13.
const MREMAP_DONTUNMAP: libc::c_int = 4;

/// Maps the shared mapping at `from` once more, at `to`, in the place of what is there.
///
/// # Safety
/// `from` begins `bytes` of a shared mapping; those at `to` are the caller's, who has no reference into them.
pub(super) unsafe fn duplicate_shared(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a shared mapping, over bytes that nobody refers to. The source stays: an old size of 0 duplicates a
    // shared mapping.
    unsafe { remap(from, 0, bytes, 0, to) }
}

/// The same for a private mapping of a file, on a system that [keeps](super::text) such a source.
///
/// # Safety
/// As [`duplicate_shared`]; and reads of the source meet the same bytes before, during and afterwards.
pub(super) unsafe fn duplicate_private(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a mapping of `bytes` that reads the same before, during and afterwards, over bytes that nobody refers to.
    unsafe { remap(from, bytes, bytes, MREMAP_DONTUNMAP, to) }
}

/// Moves a mapping to `to`, in the place of what is there.
///
/// # Safety
/// `from` begins `bytes` of a mapping; these and those at `to` are the caller's, who has no reference into them.
pub(super) unsafe fn put(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a mapping of `bytes` that nobody refers to, over bytes that nobody refers to.
    unsafe { remap(from, bytes, bytes, 0, to) }
}

/// # Safety
/// As for `mremap(2)`.
unsafe fn remap(from: *mut u8, old: usize, new: usize, flags: libc::c_int, to: *mut u8) -> io::Result<()> {
    let flags = MREMAP_MAYMOVE | MREMAP_FIXED | flags;
    // The system call itself, for which libc has no function on Android, and one of varying arguments elsewhere.
    // SAFETY: the mappings are as `mremap(2)` demands; nobody refers to what it takes away.
    match unsafe { libc::syscall(libc::SYS_mremap, from, old, new, flags, to) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
