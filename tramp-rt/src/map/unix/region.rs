//! Regions: address space between guard pages, with code in its first half and slots in its second half.

use core::ffi::c_int;
use core::ptr::NonNull;
use std::io;

use super::code::Code;
use super::master::master;
use super::page::page_bytes;
use super::system::System;
use crate::arch;
use crate::error::Error;
use crate::map::Copies;

/// Maps a region: all copies of part number `part` of the linked tables or the first of them, as many bytes of slots after
/// the places of all copies, and a guard page at each end. Returns the address of the first copy.
pub(crate) fn region<S: System>(part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    let guard_bytes = page_bytes()?;
    let master = master::<S>(part)?;

    let reserved = Code::place(region_bytes(guard_bytes)).map_err(Error::Reserve)?;
    let code = reserved.start().wrapping_add(guard_bytes);
    protect_slots(code, libc::PROT_READ | libc::PROT_WRITE).map_err(Error::Reserve)?;
    // SAFETY: the first half of the reservation above. Nothing refers to it yet. `part` is a part of the master.
    let copies = match unsafe { master.fill::<S>(part, code) } {
        Ok(copies) => copies,
        Err(error) => {
            if error.kind() == io::ErrorKind::AddrInUse {
                // Another thread has mapped something in the middle of the reservation. So the rest of it cannot be
                // unmapped as a whole.
                core::mem::forget(reserved);
            }
            return Err(Error::Copy(error));
        }
    };
    core::mem::forget(reserved); // the pool owns it now
    let code = NonNull::new(code).ok_or_else(|| Error::Reserve(io::ErrorKind::AddrNotAvailable.into()))?;
    Ok((code, copies))
}

/// Makes one more copy in a region that had only the first. If this fails, the place is as it was.
///
/// # Safety
/// `to` must be the place of a copy of this part in such a region. No other thread may map that copy.
pub(crate) unsafe fn copy<S: System>(part: usize, to: NonNull<u8>) -> Result<(), Error> {
    let master = master::<S>(part)?;
    // SAFETY: the place is the caller's, in a region's first half, and nothing refers to it.
    unsafe { master.copy::<S>(part, to.as_ptr()) }.map_err(Error::Copy)
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
    protect_slots(code.as_ptr(), if read_only { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE })
}

fn protect_slots(code: *mut u8, protection: c_int) -> io::Result<()> {
    // SAFETY: slots are atomic, and nobody has exclusive use of them. A write at the wrong time is a fault.
    match unsafe { libc::mprotect(code.wrapping_add(arch::DISTANCE).cast(), arch::DISTANCE, protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

const fn region_bytes(guard_bytes: usize) -> usize {
    2 * arch::DISTANCE + 2 * guard_bytes
}
