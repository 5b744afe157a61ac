//! The linked tables, or a part of them: their address and their bytes. The bytes cannot always be read at that
//! address.

use std::borrow::Cow;

use crate::arch;
use crate::arch::geometry::LINKED_BYTES;

/// Linked code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linked<'a> {
    start: *const u8,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Linked<'a> {
    /// All tables, with these bytes.
    pub(crate) fn tables(bytes: &'a [u8]) -> Self {
        Self { start: arch::tables(), bytes }
    }

    pub(crate) fn part(self, offset: usize, bytes: usize) -> Self {
        Self { start: self.start.wrapping_add(offset), bytes: &self.bytes[offset..][..bytes] }
    }

    #[allow(dead_code, reason = "not every system asks")]
    pub(crate) fn address(self) -> usize {
        self.start.addr()
    }

    /// The code itself, if its bytes were read there.
    #[allow(dead_code, reason = "not every system asks")]
    pub(crate) fn in_place(self) -> Option<&'a [u8]> {
        (self.bytes.as_ptr() == self.start).then_some(self.bytes)
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
