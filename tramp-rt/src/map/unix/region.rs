//! Regions: address space between guard pages, with code in its first half and slots in its second half.

use core::ptr::NonNull;
use std::io;

use memmap2::MmapOptions;

use super::master::master;
use super::page::page_bytes;
use super::system::System;
use crate::arch;
use crate::error::Error;

/// Maps a region: copies of part number `part` of the linked tables, as many bytes of slots after them, and a guard
/// page at each end. Returns the address of the first copy.
pub(crate) fn region<S: System>(part: usize) -> Result<NonNull<u8>, Error> {
    let guard_bytes = page_bytes()?;
    let master = master::<S>()?;

    let mut reserved =
        MmapOptions::new().len(region_bytes(guard_bytes)).no_reserve_swap().map_anon().map_err(Error::Reserve)?;
    let code = reserved.as_mut_ptr().wrapping_add(guard_bytes);
    for guard in [reserved.as_mut_ptr(), code.wrapping_add(2 * arch::DISTANCE)] {
        // SAFETY: pages of the reservation above. Nothing refers to them yet.
        if unsafe { libc::mprotect(guard.cast(), guard_bytes, libc::PROT_NONE) } != 0 {
            return Err(Error::Reserve(io::Error::last_os_error()));
        }
    }
    // SAFETY: the first half of the reservation above. Nothing refers to it yet. `part` is a part of the master.
    if let Err(error) = unsafe { master.fill::<S>(part, code) } {
        if error.kind() == io::ErrorKind::AddrInUse {
            // Another thread has mapped something in the middle of the reservation. So the rest of it cannot be
            // unmapped as a whole.
            core::mem::forget(reserved);
        }
        return Err(Error::Copy(error));
    }
    core::mem::forget(reserved); // the pool owns it now
    NonNull::new(code).ok_or_else(|| Error::Reserve(io::ErrorKind::AddrNotAvailable.into()))
}

/// Unmaps a region that nothing refers to.
///
/// # Safety
/// `code` must come from [`region`], and no slot of the region may be in use.
pub(crate) unsafe fn discard(code: NonNull<u8>) {
    // `region` succeeded, so the page size is known and has not changed.
    if let Ok(guard_bytes) = page_bytes() {
        let start = code.as_ptr().wrapping_sub(guard_bytes);
        // SAFETY: this is everything that `region` reserved, and no slot of it is in use.
        unsafe { libc::munmap(start.cast(), region_bytes(guard_bytes)) };
    }
}

/// Makes the slots of a region read-only, or writable.
pub(crate) fn protect(code: NonNull<u8>, read_only: bool) -> io::Result<()> {
    let protection = if read_only { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE };
    // SAFETY: slots are atomic, and nobody has exclusive use of them. A write at the wrong time is a fault.
    match unsafe { libc::mprotect(code.as_ptr().wrapping_add(arch::DISTANCE).cast(), arch::DISTANCE, protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

const fn region_bytes(guard_bytes: usize) -> usize {
    2 * arch::DISTANCE + 2 * guard_bytes
}
