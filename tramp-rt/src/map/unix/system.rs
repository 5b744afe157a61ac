//! What the parts need from the system that they are compiled for.

use core::ffi::c_int;
use std::borrow::Cow;
use std::io;

use super::code::{At, Code};
use super::linked::Linked;
use crate::source::{Failure, Source};

/// A system with `mmap(2)`.
pub(crate) trait System {
    /// The sources of this system.
    const SOURCES: &'static [Source];

    /// Whether [`duplicate`](Self::duplicate) replaces what is mapped at a place in one step, so that no other thread can map
    /// something there in between. Then copies are made one by one, when they are needed.
    const REPLACES: bool = false;

    /// Maps a piece of the linked tables from one source, and compares the part that is wanted.
    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>>;

    /// Tells the system to duplicate mapped code, and replaces what is mapped at `to`. The error `AddrInUse` says that
    /// the place does not belong to the caller any more.
    ///
    /// A system that cannot duplicate refuses. Then the copies of each region come from the source again, which is
    /// opened once and compared.
    ///
    /// # Safety
    /// `from` must begin `bytes` of a master from `source`. The bytes at `to` must belong to the caller, and nothing
    /// may refer to them.
    unsafe fn duplicate(source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        let _ = (source, from, bytes, to);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The bytes of the linked tables, for a source that needs them.
    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure>;

    /// The protection of mapped code.
    fn protection() -> c_int {
        libc::PROT_READ | libc::PROT_EXEC
    }
}
