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
    unsafe { duplicate(from, 0, bytes, 0, to) }
}

/// Does the same for a private mapping of a file, on a system that [keeps](super::text) such a source.
///
/// # Safety
/// `from` must begin `bytes` of a private mapping of a file. The bytes at `to` must belong to the caller, and nothing
/// may refer to them. Reads of the source must see the same bytes before, during and after the call.
pub(super) unsafe fn duplicate_private(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a mapping of `bytes` that reads the same before, during and afterwards. Nothing refers to the bytes at
    // `to`.
    unsafe { duplicate(from, bytes, bytes, MREMAP_DONTUNMAP, to) }
}

/// Duplicates a mapping at an address that the system chooses, and moves the duplicate to `to`.
///
/// A single call could do both. But it would first unmap the bytes at `to`, and could then still fail, for example because of
/// `RLIMIT_AS`: `mremap_to` in mm/mremap.c, until Linux 6.16. Another thread could then map something there, and the next try
/// would replace it. A move takes no additional address space, and checks the number of mappings before it unmaps anything.
///
/// # Safety
/// The conditions are those of `mremap(2)` for the source. The bytes at `to` must belong to the caller, and nothing may
/// refer to them.
unsafe fn duplicate(from: *mut u8, old: usize, bytes: usize, flags: libc::c_int, to: *mut u8) -> io::Result<()> {
    // SAFETY: the source is as `mremap(2)` requires. The duplicate replaces nothing.
    let duplicate = unsafe { remap(from, old, bytes, flags, core::ptr::null_mut()) }?;
    // SAFETY: nothing refers to the duplicate, which was made above, or to the bytes at `to`.
    unsafe { put(duplicate, bytes, to) }.inspect_err(|_| {
        // SAFETY: the duplicate was made above and is where it was, because the move failed.
        unsafe { libc::munmap(duplicate.cast(), bytes) };
    })
}

/// Moves a mapping to `to`, and replaces what is mapped there.
///
/// # Safety
/// `from` must begin `bytes` of a mapping. These bytes and those at `to` must belong to the caller, and nothing may
/// refer to them.
pub(super) unsafe fn put(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: a mapping of `bytes`. Nothing refers to it or to the bytes at `to`.
    unsafe { remap(from, bytes, bytes, MREMAP_FIXED, to) }.map(|_| ())
}

/// Returns the new address. It is `to` with `MREMAP_FIXED`, and otherwise one that the system chooses.
///
/// # Safety
/// The conditions are those of `mremap(2)`.
unsafe fn remap(from: *mut u8, old: usize, new: usize, flags: libc::c_int, to: *mut u8) -> io::Result<*mut u8> {
    // This is the system call itself. On Android, libc has no function for it, and elsewhere the function is variadic.
    // SAFETY: the mappings are as `mremap(2)` requires, and nothing refers to the bytes that it replaces.
    match unsafe { libc::syscall(libc::SYS_mremap, from, old, new, MREMAP_MAYMOVE | flags, to) } {
        -1 => Err(io::Error::last_os_error()),
        address => Ok(core::ptr::with_exposed_provenance_mut(usize::from_ne_bytes(address.to_ne_bytes()))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::process::exit;

    use memmap2::MmapMut;

    use super::super::unix::code::{At, Code};
    use super::*;
    use crate::alone::alone;
    use crate::arch;
    use crate::map::here::protection;

    /// In its own process, because it lowers a limit.
    #[test]
    fn a_duplicate_that_fails_replaces_nothing() {
        const CHILD: &str = "TRAMP_TEST_REMAP";
        let bytes = crate::map::page_bytes().expect("a page size");
        if std::env::var_os(CHILD).is_none() {
            let name = "a_duplicate_that_fails_replaces_nothing";
            let child = alone(module_path!(), name).env(CHILD, "1").output().expect("a child process");
            assert_eq!(child.status.code(), Some(7), "{}", String::from_utf8_lossy(&child.stderr));
            return;
        }
        let program = File::open("/proc/self/exe").expect("this program");
        let shared = Code::of_file(&program, 0, bytes.max(arch::PAGE_BYTES), At::anywhere(protection())).expect("code");
        let mut place = MmapMut::map_anon(bytes).expect("a page");
        place[0] = 7;
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: reads and lowers this process's own limit. Nobody else refers to the page.
        let duplicated = unsafe {
            libc::getrlimit(libc::RLIMIT_AS, &raw mut limit);
            libc::setrlimit(libc::RLIMIT_AS, &libc::rlimit { rlim_cur: 1, ..limit });
            let duplicated = duplicate_shared(shared.start(), bytes, place.as_mut_ptr());
            libc::setrlimit(libc::RLIMIT_AS, &raw const limit);
            duplicated
        };
        // An emulator may ignore the limit.
        let is_intact = duplicated.is_ok() || place[0] == 7;
        exit(if is_intact { 7 } else { 1 });
    }
}
