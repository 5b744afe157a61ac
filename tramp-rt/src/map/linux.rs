//! Linux: a *master copy* of the linked tables, then copies of the master.
//!
//! The master comes from the first source that works, each in a file of its own. All but one of them make a shared
//! mapping that the kernel lets nobody make writable (`mprotect(2)`, EACCES). Further copies are duplicated from the
//! master by `mremap(2)`, which needs no path, no descriptor and no /proc: a program may close all its descriptors,
//! change its root and lose its file once it has the master.
//!
//! Nothing here holds a lock. A thread that loses a race undoes what it did.

use core::ptr::NonNull;
use std::io;

use memmap2::MmapOptions;

use crate::arch;
use crate::error::{Attempt, Error, Failure, Source};
use crate::sources;
use crate::sync::{AtomicPtr, Ordering};
use crate::table::LINKED_BYTES;

#[path = "linux_code.rs"]
mod code;
#[path = "linux_extras.rs"]
mod extras;
#[path = "linux_file.rs"]
mod file;
#[path = "linux_memfd.rs"]
mod memfd;
#[path = "linux_temporary.rs"]
mod temporary;
#[path = "linux_text.rs"]
mod text;

use self::code::{At, Code};
pub(crate) use self::extras::{features, system};

pub(crate) const SUPPORTED: bool = true;

/// Maps a region: copies of part number `part` of the linked tables, and behind them as many bytes of slots, between two
/// guard pages. Returns the address of the first copy.
pub(crate) fn region(part: usize) -> Result<NonNull<u8>, Error> {
    let guard_bytes = page_bytes()?;
    let master = master()?;

    let mut reserved =
        MmapOptions::new().len(region_bytes(guard_bytes)).no_reserve_swap().map_anon().map_err(Error::Reserve)?;
    let code = reserved.as_mut_ptr().wrapping_add(guard_bytes);
    for guard in [reserved.as_mut_ptr(), code.wrapping_add(2 * arch::DISTANCE)] {
        // SAFETY: pages of the reservation above, which nothing refers to yet.
        if unsafe { libc::mprotect(guard.cast(), guard_bytes, libc::PROT_NONE) } != 0 {
            return Err(Error::Reserve(io::Error::last_os_error()));
        }
    }
    for copy in 0..arch::COPIES {
        let to = code.wrapping_add(copy * arch::COPY_BYTES);
        // SAFETY: the target lies in the reservation above, which nothing refers to yet; `part` is one of the master's.
        unsafe { master.copy(part, to) }.map_err(Error::Place)?;
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

/// Makes the slots of a region read-only, or writable.
pub(crate) fn protect(code: NonNull<u8>, read_only: bool) -> io::Result<()> {
    let protection = if read_only { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE };
    // SAFETY: slots are atomic and in no one's exclusive use; a write at the wrong time is a fault.
    match unsafe { libc::mprotect(code.as_ptr().wrapping_add(arch::DISTANCE).cast(), arch::DISTANCE, protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Does what can be done for a region that stays: seals its code and names its slots.
pub(crate) fn keep(code: NonNull<u8>) {
    if !extras::is_filtered() {
        extras::seal(code.as_ptr(), arch::DISTANCE);
        extras::name(code.as_ptr().wrapping_add(arch::DISTANCE), arch::DISTANCE);
    }
}

const fn region_bytes(guard_bytes: usize) -> usize {
    2 * arch::DISTANCE + 2 * guard_bytes
}

/// The size of the system's pages, if the linked tables are aligned to it.
pub(crate) fn page_bytes() -> Result<usize, Error> {
    // SAFETY: asks for a number.
    let system_bytes = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(usize::MAX);
    if arch::PAGE_BYTES % system_bytes == 0 {
        Ok(system_bytes)
    } else {
        Err(Error::PageSize { system_bytes, table_bytes: arch::PAGE_BYTES })
    }
}

/// The first copy of all tables, from which the others are made.
#[derive(Debug)]
pub(crate) struct Master {
    pub(crate) source: Source,
    /// What was tried before.
    pub(crate) failures: Vec<Attempt>,
    code: Code,
}

impl Master {
    /// Maps one more copy of a part at `to`, in the place of what is there.
    ///
    /// # Safety
    /// As [`duplicate`](Self::duplicate).
    unsafe fn copy(&self, part: usize, to: *mut u8) -> io::Result<()> {
        // SAFETY: the caller's.
        let Err(error) = (unsafe { self.duplicate(part, to) }) else { return Ok(()) };
        if self.source == Source::Text {
            return Err(error);
        }
        // Filters refuse mremap(2), valgrind an old size of 0, qemu-user pages larger than its own system's. What the
        // master came from may be there still.
        let linked = &linked()[part * arch::COPY_BYTES..][..arch::COPY_BYTES];
        // SAFETY: the caller's.
        let at = unsafe { At::over(to) };
        map(self.source, linked, at).map(|_| ()).map_err(|_| error)
    }

    /// Has the system duplicate a part of the master.
    ///
    /// # Safety
    /// `to` begins `COPY_BYTES` that belong to the caller, at a multiple of the page size; `part` is one of the tables'.
    unsafe fn duplicate(&self, part: usize, to: *mut u8) -> io::Result<()> {
        let part = self.code.start().wrapping_add(part * arch::COPY_BYTES);
        if self.source == Source::Text {
            // SAFETY: as the caller promises; that the system keeps the master was tried when it was made.
            unsafe { code::duplicate_private(part, arch::COPY_BYTES, to) }
        } else {
            // SAFETY: as the caller promises; every other source's mapping is shared.
            unsafe { code::duplicate_shared(part, arch::COPY_BYTES, to) }
        }
    }
}

/// The master copy, made on the first call that succeeds and kept.
pub(crate) fn master() -> Result<&'static Master, Error> {
    static MASTER: AtomicPtr<Master> = AtomicPtr::new(core::ptr::null_mut());

    // SAFETY: null, or leaked below.
    if let Some(master) = unsafe { MASTER.load(Ordering::Acquire).as_ref() } {
        return Ok(master);
    }
    let made = Box::into_raw(Box::new(find()?));
    match MASTER.compare_exchange(core::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: from the box above, and never freed now that others can see it.
        Ok(_) => Ok(unsafe { &*made }),
        Err(earlier) => {
            // SAFETY: from the box above, and seen by no one.
            drop(unsafe { Box::from_raw(made) });
            // SAFETY: another thread's, leaked as ours would have been.
            Ok(unsafe { &*earlier })
        }
    }
}

/// Tries the sources in order.
fn find() -> Result<Master, Error> {
    page_bytes()?;
    let linked = linked();
    let readable = code::is_readable(linked.as_ptr());
    let mut failures = Vec::new();
    for source in sources::in_order() {
        let code = if readable { map(source, linked, At::ANYWHERE) } else { Err(vec![Failure::Unreadable]) };
        let failed = match code {
            Ok(code) => return Ok(Master { source, failures, code }),
            Err(failed) => failed,
        };
        // Want of memory or mappings is no fault of the source: none needs less, and some leave more to undo.
        let is_at_limit = failed.iter().any(Failure::is_out_of_memory);
        failures.extend(failed.into_iter().map(|failure| Attempt { source, failure }));
        if is_at_limit {
            break;
        }
    }
    Err(Error::NoSource(failures))
}

/// Maps linked bytes from a source.
fn map(source: Source, linked: &[u8], at: At) -> Result<Code, Vec<Failure>> {
    let one = |failure| vec![failure];
    match source {
        Source::File => file::map(linked, at).map_err(one),
        Source::Text => text::map(linked).map_err(one),
        Source::Memfd => memfd::map(linked, at).map_err(one),
        Source::Temporary => temporary::map(linked, at),
    }
}

/// The linked tables.
fn linked() -> &'static [u8] {
    // SAFETY: they are that long, and code is never written.
    unsafe { core::slice::from_raw_parts(arch::tables(), LINKED_BYTES) }
}
