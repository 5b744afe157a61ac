//! What the parts want of the system that they are compiled for.

use core::ffi::c_int;
use std::borrow::Cow;
use std::io;

use super::code::{At, Code};
use super::linked::Linked;
use crate::source::{Failure, Source};

/// A system with `mmap(2)`.
pub(crate) trait System {
    /// The sources that it has.
    const SOURCES: &'static [Source];

    /// Maps linked bytes from one of them, and compares what is mapped.
    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>>;

    /// Has the system duplicate mapped code, in the place of what is at `to`. An error of the kind `AddrInUse` says that the
    /// place is no longer the caller's.
    ///
    /// A system that cannot refuses: each region's copies come from the source again, opened once and compared.
    ///
    /// # Safety
    /// `from` begins `bytes` of a master from `source`. Those at `to` are the caller's, who has no reference into them.
    unsafe fn duplicate(source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        let _ = (source, from, bytes, to);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The bytes of the linked tables.
    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure>;

    /// The protection of mapped code.
    fn protection() -> c_int {
        libc::PROT_READ | libc::PROT_EXEC
    }
}
