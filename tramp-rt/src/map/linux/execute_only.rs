//! Text that can run but cannot be read: because of a memory protection key on x86-64, or of page tables on aarch64.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::unix::linked;
use crate::arch;
use crate::arch::geometry::LINKED_BYTES;
use crate::source::Failure;

/// The bytes of the linked tables.
pub(super) fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
    if is_readable(arch::tables()) {
        // SAFETY: the kernel has just read a word there.
        return Ok(unsafe { linked::in_place() });
    }
    read(arch::tables()).map(Cow::Owned).map_err(Failure::Unreadable)
}

/// Asks the kernel to read the text. Where the process would be killed, the kernel returns EFAULT.
fn is_readable(text: *const u8) -> bool {
    let now = [0_u64; 2]; // a `timespec` of either size
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // This calls futex(2), because no filter can forbid it. The call compares the word, finds that no thunk begins with
    // 0, and returns.
    // SAFETY: only the kernel reads the word, and the call does not wait.
    let waited = unsafe { libc::syscall(libc::SYS_futex, text, operation, 0, now.as_ptr()) };
    waited == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EFAULT)
}

/// Reads the text from /proc/self/mem. It has every mapped byte, unless Linux was built or booted to forbid this
/// (`proc_mem.force_override`, since 6.12).
fn read(tables: *const u8) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(LINKED_BYTES).map_err(|_| io::ErrorKind::OutOfMemory)?;
    bytes.resize(LINKED_BYTES, 0);
    File::open("/proc/self/mem")?.read_exact_at(&mut bytes, tables.addr() as u64)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::unix::code::Code;
    use super::*;

    #[test]
    fn it_is_known_what_can_be_read() {
        assert!(is_readable(arch::tables()));
        let place = Code::place(arch::PAGE_BYTES).expect("an address");
        assert!(!is_readable(place.start()));
        let zeros = memmap2::MmapMut::map_anon(arch::PAGE_BYTES).expect("memory");
        assert!(is_readable(zeros.as_ptr()), "and nothing waits");
    }

    #[test]
    fn the_other_way_to_read_the_tables_finds_the_same() {
        assert_eq!(read(arch::tables()).expect("/proc/self/mem"), *linked_bytes().expect("readable"));
    }
}
