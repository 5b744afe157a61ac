//! The linked tables, or a part of them: their address, what they have to hold, and their bytes. The bytes cannot always be
//! read at that address.

use std::borrow::Cow;

use crate::arch;
use crate::arch::geometry::LINKED_BYTES;
use crate::source::Failure;

/// A piece of the linked tables, of which one part is wanted. No other part of a copy is compared or run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linked<'a> {
    offset: usize,
    bytes: usize,
    wanted: usize,
    /// Its bytes, if the caller has them.
    contents: Option<&'a [u8]>,
}

impl<'a> Linked<'a> {
    /// All tables. This part is wanted.
    pub(crate) const fn tables(wanted: usize) -> Self {
        Self { offset: 0, bytes: LINKED_BYTES, wanted, contents: None }
    }

    /// One part, with these bytes.
    pub(crate) const fn part(wanted: usize, contents: &'a [u8]) -> Self {
        Self { offset: wanted * arch::COPY_BYTES, bytes: arch::COPY_BYTES, wanted, contents: Some(contents) }
    }

    #[allow(dead_code, reason = "not every system asks")]
    pub(crate) fn address(self) -> usize {
        arch::tables().addr() + self.offset
    }

    /// How long it is.
    pub(crate) const fn bytes(self) -> usize {
        self.bytes
    }

    /// Its bytes, for a file. `read` reads the bytes of all tables.
    #[allow(dead_code, reason = "not every system asks")]
    pub(crate) fn contents(
        self,
        read: impl FnOnce() -> Result<Cow<'static, [u8]>, Failure>,
    ) -> Result<Cow<'a, [u8]>, Failure> {
        match self.contents {
            Some(contents) => Ok(Cow::Borrowed(contents)),
            None => read(),
        }
    }

    /// Whether the wanted part in a copy of this piece is what was assembled.
    pub(crate) fn is_in(self, copy: &[u8]) -> bool {
        let start = self.wanted * arch::COPY_BYTES - self.offset;
        copy.get(start..start + arch::COPY_BYTES).is_some_and(|part| arch::is_as_assembled(self.wanted, part))
    }
}

/// The bytes of the linked tables, at their own address.
///
/// # Safety
/// The tables must be readable there. Text may be execute-only.
pub(crate) unsafe fn in_place() -> Cow<'static, [u8]> {
    // SAFETY: the tables have this length, text is readable on this system, and code is never written.
    Cow::Borrowed(unsafe { core::slice::from_raw_parts(arch::tables(), LINKED_BYTES) })
}
