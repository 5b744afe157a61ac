//! Linux: a *master copy* of the linked tables, then copies of the master.
//!
//! The master is the program's own file, mapped a second time, shared and read-only: of such a mapping the kernel lets
//! no page become writable, whatever asks for it (`mprotect(2)`, EACCES). Further copies are duplicated from the master
//! by `mremap(2)` with an old size of 0, which needs no path, no descriptor and no /proc: a program may close all its
//! descriptors, change its root and lose its file once it has the master.
//!
//! Nothing here holds a lock. A thread that loses a race undoes what it did.

use core::ptr::NonNull;
use std::io;

use memmap2::{Mmap, MmapOptions};

use crate::arch;
use crate::error::{Attempt, Error, Failure, Source};
use crate::sync::{AtomicPtr, Ordering};
use crate::table::{COPIES, LINKED_BYTES};

#[path = "linux_file.rs"]
mod file;

pub(crate) const SUPPORTED: bool = true;

/// Maps a region: copies of part number `part` of the linked tables, and behind them as many bytes of slots, between two
/// guard pages. Returns the address of the first copy.
pub(crate) fn region(part: usize) -> Result<NonNull<u8>, Error> {
    let guard_bytes = page_bytes()?;
    let part = master()?.as_ptr().wrapping_add(part * arch::COPY_BYTES);

    let mut reserved =
        MmapOptions::new().len(region_bytes(guard_bytes)).no_reserve_swap().map_anon().map_err(Error::Reserve)?;
    let code = reserved.as_mut_ptr().wrapping_add(guard_bytes);
    for guard in [reserved.as_mut_ptr(), code.wrapping_add(2 * arch::DISTANCE)] {
        // SAFETY: pages of the reservation above, which nothing refers to yet.
        if unsafe { libc::mprotect(guard.cast(), guard_bytes, libc::PROT_NONE) } != 0 {
            return Err(Error::Reserve(io::Error::last_os_error()));
        }
    }
    for copy in 0..COPIES {
        let to = code.wrapping_add(copy * arch::COPY_BYTES);
        // SAFETY: the target lies in the reservation above, which nothing refers to yet. The source is left as it is:
        // an old size of 0 duplicates a shared mapping.
        let placed = unsafe {
            libc::mremap(
                part.cast(),
                0,
                arch::COPY_BYTES,
                libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED,
                to.cast::<libc::c_void>(),
            )
        };
        if placed == libc::MAP_FAILED {
            return Err(Error::Place(io::Error::last_os_error()));
        }
    }
    core::mem::forget(reserved); // it is the pool's now
    NonNull::new(code).ok_or_else(|| Error::Reserve(io::ErrorKind::AddrNotAvailable.into()))
}

/// Unmaps a region that nothing refers to.
///
/// # Safety
/// `code` came from [`region`], and no slot of it is used.
pub(crate) unsafe fn discard(code: NonNull<u8>) {
    // `region` succeeded, so the size of a page was to be had and is the same still.
    if let Ok(guard_bytes) = page_bytes() {
        let start = code.as_ptr().wrapping_sub(guard_bytes);
        // SAFETY: the whole of what `region` reserved, as the caller promises.
        unsafe { libc::munmap(start.cast(), region_bytes(guard_bytes)) };
    }
}

const fn region_bytes(guard_bytes: usize) -> usize {
    2 * arch::DISTANCE + 2 * guard_bytes
}

/// The size of the system's pages, if the linked tables are aligned to it.
fn page_bytes() -> Result<usize, Error> {
    // SAFETY: asks for a number.
    let system_bytes = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(usize::MAX);
    if arch::PAGE_BYTES % system_bytes == 0 {
        Ok(system_bytes)
    } else {
        Err(Error::PageSize { system_bytes, table_bytes: arch::PAGE_BYTES })
    }
}

/// The first copy of all tables, from which the others are made. Mapped once and kept.
fn master() -> Result<NonNull<u8>, Error> {
    static MASTER: AtomicPtr<u8> = AtomicPtr::new(core::ptr::null_mut());

    if let Some(master) = NonNull::new(MASTER.load(Ordering::Acquire)) {
        return Ok(master);
    }
    let copy = find_copy()?;
    let made = copy.as_ptr().cast_mut();
    match MASTER.compare_exchange(core::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            core::mem::forget(copy);
            NonNull::new(made)
        }
        Err(earlier) => NonNull::new(earlier), // another thread's; ours is unmapped here
    }
    .ok_or(Error::NoSource(Vec::new()))
}

/// Makes a copy of the linked bytes, executable and never writable.
type Map = fn(&[u8]) -> Result<Mmap, Failure>;

/// Tries the sources in order of preference.
fn find_copy() -> Result<Mmap, Error> {
    const SOURCES: [(Source, Map); 1] = [(Source::File, file::map)];
    // SAFETY: the linked tables are that long, and code is never written.
    let linked = unsafe { core::slice::from_raw_parts(arch::tables(), LINKED_BYTES) };
    let mut attempts = Vec::new();
    for (source, map) in SOURCES {
        match map(linked) {
            Ok(copy) => return Ok(copy),
            Err(failure) => attempts.push(Attempt { source, failure }),
        }
    }
    Err(Error::NoSource(attempts))
}
