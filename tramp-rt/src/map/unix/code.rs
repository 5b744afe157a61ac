//! Executable mappings: how they are made and compared.

use core::ffi::c_int;
use core::ptr::NonNull;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use super::linked::Linked;
use crate::arch;

/// An executable mapping that is never writable. Only its owner knows it. A mapping [over](At::over) another one is not
/// unmapped, because other code could map something into the hole.
#[derive(Debug)]
pub(crate) struct Code {
    start: NonNull<u8>,
    bytes: usize,
    is_owned: bool,
}

/// Where code is mapped, and with which protection.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "Apple's systems map no file")]
pub(crate) struct At {
    start: *mut u8,
    copies: usize,
    protection: c_int,
}

impl At {
    /// At an address that the system chooses.
    pub(crate) const fn anywhere(protection: c_int) -> Self {
        Self { start: core::ptr::null_mut(), copies: 1, protection }
    }

    /// At `start`, over what is mapped there, `copies` times one after the other. The bytes stay the caller's to unmap.
    ///
    /// # Safety
    /// All bytes that will be mapped there must belong to the caller, and nothing may refer to them.
    pub(crate) const unsafe fn over(start: *mut u8, copies: usize, protection: c_int) -> Self {
        Self { start, copies, protection }
    }
}

// SAFETY: it owns a mapping whose bytes do not change.
unsafe impl Send for Code {}
// SAFETY: with `&Code`, code can only read the bytes.
unsafe impl Sync for Code {}

impl Code {
    /// Maps a piece of a file as a shared mapping. The kernel lets no page of it become writable if the descriptor
    /// cannot write or if the file is sealed.
    ///
    /// The file must be at least `offset + bytes` long and stay so, or else reading the mapping is a SIGBUS.
    #[allow(dead_code, reason = "Apple's systems map no file")]
    pub(crate) fn of_file(file: &File, offset: u64, bytes: usize, at: At) -> io::Result<Self> {
        let offset = libc::off_t::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut code = Self::map(at.start, bytes, at.protection, libc::MAP_SHARED, file.as_raw_fd(), offset)?;
        for copy in 1..at.copies {
            let to = at.start.wrapping_add(copy * bytes);
            Self::map(to, bytes, at.protection, libc::MAP_SHARED, file.as_raw_fd(), offset)?;
        }
        code.bytes = at.copies * bytes;
        Ok(code)
    }

    /// An empty place for code: nothing in it can be read, written or run.
    pub(crate) fn place(bytes: usize) -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
        Self::map(core::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0)
    }

    fn map(
        at: *mut u8,
        bytes: usize,
        protection: c_int,
        flags: c_int,
        descriptor: c_int,
        offset: libc::off_t,
    ) -> io::Result<Self> {
        let is_owned = at.is_null();
        let flags = if is_owned { flags } else { flags | libc::MAP_FIXED };
        // SAFETY: makes a new mapping, at an address that the system chooses, or over bytes that the maker of `At` has
        // given up.
        let start = unsafe { libc::mmap(at.cast(), bytes, protection, flags, descriptor, offset) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { start, bytes, is_owned })
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// The mapped bytes.
    ///
    /// # Safety
    /// The mapping must be readable.
    pub(super) unsafe fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping has this length, is readable and is never written.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }

    /// Whether each copy in the mapping has the part that is wanted.
    ///
    /// # Safety
    /// The mapping must be readable.
    pub(crate) unsafe fn holds(&self, linked: Linked<'_>) -> bool {
        // SAFETY: the mapping is readable: the condition of `holds`.
        unsafe { self.bytes() }.chunks(linked.bytes()).all(|copy| linked.is_in(copy))
    }

    /// Whether the mapping holds these bytes, and whether they are all tables as they were assembled.
    ///
    /// Some systems move pages instead of duplicating them, and leave zeros behind. Another thread may find the linked bytes
    /// in this state at this moment (see `linux/text.rs`).
    ///
    /// # Safety
    /// The mapping must be readable.
    #[allow(dead_code, reason = "not every system duplicates")]
    pub(crate) unsafe fn equals(&self, linked: &[u8]) -> bool {
        // SAFETY: the mapping is readable: the condition of `equals`.
        let mapped = unsafe { self.bytes() };
        let is_as_assembled = |(part, copy)| arch::is_as_assembled(part, copy);
        mapped == linked && mapped.chunks(arch::COPY_BYTES).enumerate().all(is_as_assembled)
    }
}

/// Reserves a place again if nothing is mapped there. A kernel that has no memory for itself may have unmapped the place
/// and then failed to map the copy.
pub(super) fn hold(place: *mut u8, bytes: usize) {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: a new mapping. It replaces nothing: if the place is taken, it is elsewhere.
    let held = unsafe { libc::mmap(place.cast(), bytes, libc::PROT_NONE, flags, -1, 0) };
    if held != place.cast() && held != libc::MAP_FAILED {
        // SAFETY: the mapping made above, which nothing uses.
        unsafe { libc::munmap(held, bytes) };
    }
}

/// Makes a place an empty reservation again.
///
/// # Safety
/// These bytes must belong to the caller, and nothing may refer to them.
pub(super) unsafe fn clear(place: *mut u8, bytes: usize) {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED;
    // SAFETY: the bytes belong to the caller, and nothing refers to them: the conditions of `clear`.
    let _ = unsafe { libc::mmap(place.cast(), bytes, libc::PROT_NONE, flags, -1, 0) };
}

impl Drop for Code {
    fn drop(&mut self) {
        if self.is_owned {
            // SAFETY: the owner gives the mapping up.
            unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
        }
    }
}

#[cfg(all(test, target_os = "linux"))] // of whose files and mappings the tests know
mod tests {
    use super::*;
    use crate::arch::geometry::LINKED_BYTES;
    use crate::map::here::{find, protection};

    #[test]
    fn each_copy_is_compared() {
        let linked = Linked::tables(0);
        let mapping = find(linked.address()).expect("mapped from a file");
        let offset = mapping.offset + (linked.address() - mapping.start) as u64;
        let program = File::open(std::env::current_exe().expect("the test's own path")).expect("this program");
        let place = Code::place(3 * linked.bytes()).expect("an address");
        // SAFETY: `place` owns the place, which has this length.
        let at = unsafe { At::over(place.start(), 3, protection()) };
        let copies = Code::of_file(&program, offset, linked.bytes(), at).expect("three copies");
        assert_eq!((copies.start(), copies.bytes), (place.start(), 3 * linked.bytes()));
        for part in 0..LINKED_BYTES / arch::COPY_BYTES {
            // SAFETY: mapped readable.
            assert!(unsafe { copies.holds(Linked::tables(part)) });
        }

        // SAFETY: the last third of the place, which `place` owns.
        let last = unsafe { At::over(place.start().wrapping_add(2 * linked.bytes()), 1, protection()) };
        Code::of_file(&program, 0, linked.bytes(), last).expect("another piece of the file");
        // SAFETY: mapped readable.
        assert!(!unsafe { copies.holds(linked) });
    }
}
