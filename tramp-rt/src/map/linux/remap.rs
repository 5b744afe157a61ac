//! `mremap(2)`, which duplicates mappings.

use std::io;

/// linux/mman.h
const MREMAP_MAYMOVE: libc::c_int = 1;
const MREMAP_FIXED: libc::c_int = 2;
/// Leaves the old mapping in its place and moves only its pages. The kernel fills them from the file again when they
/// are used: `mremap(2)`, since Linux 5.7, for files since 5.13.
const MREMAP_DONTUNMAP: libc::c_int = 4;

/// Maps the shared mapping at `from` again, at `to`, and replaces what is mapped there.
///
/// # Safety
/// `from` must begin `bytes` of a shared mapping. The bytes at `to` must belong to the caller, and nothing may refer to
/// them.
pub(super) unsafe fn duplicate_shared(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: the source is a shared mapping, and nothing refers to the bytes at `to`. The source stays, because an old
    // size of 0 duplicates a shared mapping.
    unsafe { remap(from, 0, bytes, 0, to) }
}

/// Does the same for a private mapping of a file, on a system that [keeps](super::text) such a source.
///
/// # Safety
/// `from` must begin `bytes` of a private mapping of a file. The bytes at `to` must belong to the caller, and nothing
/// may refer to them. Reads of the source must see the same bytes before, during and after the call.
pub(super) unsafe fn duplicate_private(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a mapping of `bytes` that reads the same before, during and afterwards. Nothing refers to the bytes at
    // `to`.
    unsafe { remap(from, bytes, bytes, MREMAP_DONTUNMAP, to) }
}

/// Moves a mapping to `to`, and replaces what is mapped there.
///
/// # Safety
/// `from` must begin `bytes` of a mapping. These bytes and those at `to` must belong to the caller, and nothing may
/// refer to them.
pub(super) unsafe fn put(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a mapping of `bytes`. Nothing refers to it or to the bytes at `to`.
    unsafe { remap(from, bytes, bytes, 0, to) }
}

/// # Safety
/// The conditions are those of `mremap(2)`.
unsafe fn remap(from: *mut u8, old: usize, new: usize, flags: libc::c_int, to: *mut u8) -> io::Result<()> {
    let flags = MREMAP_MAYMOVE | MREMAP_FIXED | flags;
    // This is the system call itself. On Android, libc has no function for it, and elsewhere the function is variadic.
    // SAFETY: the mappings are as `mremap(2)` requires, and nothing refers to the bytes that it replaces.
    match unsafe { libc::syscall(libc::SYS_mremap, from, old, new, flags, to) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
