//! Regions: address space with guards, code placed in its first half, slots in its second.

use core::ptr::NonNull;
use std::io;

use memmap2::MmapOptions;

use super::master::master;
use super::page::page_bytes;
use super::system::System;
use crate::arch;
use crate::error::Error;

/// Maps a region: copies of part number `part` of the linked tables, and behind them as many bytes of slots, between two
/// guard pages. Returns the address of the first copy.
pub(crate) fn region<S: System>(part: usize) -> Result<NonNull<u8>, Error> {
    let guard_bytes = page_bytes()?;
    let master = master::<S>()?;

    let mut reserved =
        MmapOptions::new().len(region_bytes(guard_bytes)).no_reserve_swap().map_anon().map_err(Error::Reserve)?;
    let code = reserved.as_mut_ptr().wrapping_add(guard_bytes);
    for guard in [reserved.as_mut_ptr(), code.wrapping_add(2 * arch::DISTANCE)] {
        // SAFETY: pages of the reservation above, which nothing refers to yet.
        if unsafe { libc::mprotect(guard.cast(), guard_bytes, libc::PROT_NONE) } != 0 {
            return Err(Error::Reserve(io::Error::last_os_error()));
        }
    }
    // SAFETY: the first half of the reservation above, which nothing refers to yet; `part` is one of the master's.
    if let Err(error) = unsafe { master.fill::<S>(part, code) } {
        if error.kind() == io::ErrorKind::AddrInUse {
            // Another thread has mapped something in the middle of it: what is left of it cannot be unmapped as one.
            core::mem::forget(reserved);
        }
        return Err(Error::Copy(error));
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
        // SAFETY: the whole of what `region` reserved, of which no slot is used.
        unsafe { libc::munmap(start.cast(), region_bytes(guard_bytes)) };
    }
}

/// Makes the slots of a region read-only, or writable.
pub(crate) fn protect(code: NonNull<u8>, read_only: bool) -> io::Result<()> {
    let protection = if read_only { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE };
    // SAFETY: slots are atomic and in no one's exclusive use; a write at the wrong time is a fault.
    match unsafe { libc::mprotect(code.as_ptr().wrapping_add(arch::DISTANCE).cast(), arch::DISTANCE, protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

const fn region_bytes(guard_bytes: usize) -> usize {
    2 * arch::DISTANCE + 2 * guard_bytes
}
