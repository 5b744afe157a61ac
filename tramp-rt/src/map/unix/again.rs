//! For a system that cannot duplicate a mapping.

use std::io;

use crate::source::Source;

/// Refuses: each region's copies come from the source again, opened once and compared.
///
/// # Safety
/// None is needed.
pub(super) unsafe fn duplicate(_source: Source, _from: *mut u8, _bytes: usize, _to: *mut u8) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
