//! Executable mappings: how they are made, compared and duplicated.

use core::ptr::NonNull;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use crate::arch;

/// Leaves the old mapping where it is and takes only its pages, which come back from the file when they are wanted:
/// `mremap(2)`, since Linux 5.7, of files since 5.13.
const MREMAP_DONTUNMAP: libc::c_int = 4;

/// An executable, never writable mapping that no one but its owner knows yet. If it is [over](At::over) another it is not
/// unmapped: the hole would be anybody's before the rest is.
#[derive(Debug)]
pub(super) struct Code {
    start: NonNull<u8>,
    bytes: usize,
    is_owned: bool,
}

/// Where code is mapped.
#[derive(Debug, Clone, Copy)]
pub(super) struct At(*mut u8);

impl At {
    /// Wherever the system has room.
    pub(super) const ANYWHERE: Self = Self(core::ptr::null_mut());

    /// Over what is mapped at `start`, which stays somebody else's to unmap.
    ///
    /// # Safety
    /// As many bytes as will be mapped there belong to the caller, who has no reference into them.
    pub(super) const unsafe fn over(start: *mut u8) -> Self {
        Self(start)
    }
}

// SAFETY: an owned mapping, of bytes that do not change.
unsafe impl Send for Code {}
// SAFETY: as above.
unsafe impl Sync for Code {}

impl Code {
    /// Maps a piece of a file, shared: of such a mapping the kernel lets no page become writable if the descriptor cannot
    /// write or the file is sealed.
    ///
    /// The file is at least `offset + bytes` long and stays so, or reading the mapping is a SIGBUS.
    pub(super) fn of_file(file: &File, offset: u64, bytes: usize, at: At) -> io::Result<Self> {
        let protection = libc::PROT_READ | libc::PROT_EXEC | landing_pads();
        let offset = libc::off_t::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        Self::map(at, bytes, protection, libc::MAP_SHARED, file.as_raw_fd(), offset)
    }

    /// A place for a duplicate, with nothing in it.
    pub(super) fn place(bytes: usize) -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        Self::map(At::ANYWHERE, bytes, libc::PROT_NONE, flags, -1, 0)
    }

    fn map(
        At(at): At,
        bytes: usize,
        protection: libc::c_int,
        flags: libc::c_int,
        descriptor: libc::c_int,
        offset: libc::off_t,
    ) -> io::Result<Self> {
        let is_owned = at.is_null();
        let flags = if is_owned { flags } else { flags | libc::MAP_FIXED };
        // SAFETY: a new mapping, wherever the system has room, or over what whoever made the `At` gave up.
        let start = unsafe { libc::mmap(at.cast(), bytes, protection, flags, descriptor, offset) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { start, bytes, is_owned })
    }

    pub(super) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Whether the mapping holds these bytes, and they are a table's.
    ///
    /// A page of zeros is not: it is what a system leaves behind that takes pages away instead of duplicating them, and
    /// another thread may be finding that out right now, with the linked bytes (see [`text`](super::text)).
    ///
    /// # Safety
    /// The mapping is readable.
    pub(super) unsafe fn holds(&self, linked: &[u8]) -> bool {
        // SAFETY: mapped readable, as the caller promises, and never written.
        let mapped = unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.bytes) };
        mapped == linked && mapped.chunks(SMALLEST_PAGE_BYTES).all(|page| page.iter().any(|&byte| byte != 0))
    }
}

const SMALLEST_PAGE_BYTES: usize = 4 << 10;

impl Drop for Code {
    fn drop(&mut self) {
        if self.is_owned {
            // SAFETY: the owner's, who gives it up.
            unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
        }
    }
}

/// Protection bits that make the processor check the landing pads of mapped code, where it can.
pub(super) fn landing_pads() -> libc::c_int {
    let Some(arch::LandingPads { capability, protection }) = arch::LANDING_PADS else { return 0 };
    // SAFETY: asks for a number.
    let capabilities = usize::try_from(unsafe { libc::getauxval(libc::AT_HWCAP2) }).unwrap_or(0);
    if capabilities & capability == 0 { 0 } else { protection }
}

/// Whether text can be read: it may be execute-only. Asks the kernel, which says EFAULT where we would be killed.
pub(super) fn is_readable(text: *const u8) -> bool {
    let now = [0_u64; 2]; // a `timespec` of either size
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // futex(2), because no filter can forbid it: it compares the word, finds that no thunk begins with 0, and returns.
    // SAFETY: the word is only read, by the kernel, and the time to wait is none.
    let waited = unsafe { libc::syscall(libc::SYS_futex, text, operation, 0, now.as_ptr()) };
    waited == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EFAULT)
}

/// Maps the shared mapping at `from` once more, at `to`, in the place of what is there.
///
/// # Safety
/// `from` begins `bytes` of a shared mapping; those at `to` are the caller's, who has no reference into them.
pub(super) unsafe fn duplicate_shared(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: as the caller promises. The source is left as it is: an old size of 0 duplicates a shared mapping.
    unsafe { remap(from, 0, bytes, 0, to) }
}

/// The same for a private mapping of a file, on a system that [keeps](super::text) such a source.
///
/// # Safety
/// As [`duplicate_shared`]; and reads of the source meet the same bytes before, during and afterwards.
pub(super) unsafe fn duplicate_private(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: as the caller promises.
    unsafe { remap(from, bytes, bytes, MREMAP_DONTUNMAP, to) }
}

/// Moves a mapping to `to`, in the place of what is there.
///
/// # Safety
/// `from` begins `bytes` of a mapping; these and those at `to` are the caller's, who has no reference into them.
pub(super) unsafe fn put(from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    // SAFETY: as the caller promises.
    unsafe { remap(from, bytes, bytes, 0, to) }
}

/// # Safety
/// As for `mremap(2)`.
unsafe fn remap(from: *mut u8, old: usize, new: usize, flags: libc::c_int, to: *mut u8) -> io::Result<()> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED | flags;
    // SAFETY: the caller's.
    let placed = unsafe { libc::mremap(from.cast(), old, new, flags, to.cast::<libc::c_void>()) };
    if placed == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch;

    #[test]
    fn it_is_known_what_can_be_read() {
        assert!(is_readable(arch::tables()));
        let place = Code::place(arch::PAGE_BYTES).expect("an address");
        assert!(!is_readable(place.start()));
        let zeros = memmap2::MmapMut::map_anon(arch::PAGE_BYTES).expect("memory");
        assert!(is_readable(zeros.as_ptr()), "and nothing waits");
    }

    #[test]
    fn landing_pads_are_checked_where_the_processor_can() {
        let name = "landing_pads_are_checked_where_the_processor_can";
        if landing_pads() == 0 || std::env::var_os("TRAMP_TEST_RUNNER").is_some() {
            println!("{name}: skipped, there is no such processor, or an emulator says what its kernel knows");
            return;
        }
        let program = File::open("/proc/self/exe").expect("this program");
        let code = Code::of_file(&program, 0, arch::PAGE_BYTES, At::ANYWHERE).expect("a mapping");
        let smaps = std::fs::read_to_string("/proc/self/smaps").expect("/proc");
        let start = format!("{:x}-", code.start().addr());
        let mut of_code = smaps.lines().skip_while(|line| !line.starts_with(&start));
        // `bt`: Linux, Documentation/filesystems/proc.rst.
        let flags = of_code.find(|line| line.starts_with("VmFlags:")).expect("flags");
        assert!(flags.split_whitespace().any(|flag| flag == "bt"), "{flags}");
    }
}
