//! The size of pages.

use crate::arch::LARGEST_PAGE_BYTES;
use crate::error::Error;

/// The size of the system's pages, if the linked tables are aligned to it.
pub(crate) fn page_bytes() -> Result<usize, Error> {
    // SAFETY: only returns a number.
    let system_bytes = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(usize::MAX);
    if LARGEST_PAGE_BYTES % system_bytes == 0 {
        Ok(system_bytes)
    } else {
        Err(Error::PageSize { system_bytes, table_bytes: LARGEST_PAGE_BYTES })
    }
}
