//! A system without a way to map tables: trampolines are direct, or an error that says so.

use core::ptr::NonNull;

use crate::error::{Error, Unsupported};

pub(crate) const SUPPORTED: bool = false;

pub(crate) fn region(_part: usize) -> Result<NonNull<u8>, Error> {
    Err(Error::Unsupported(Unsupported::System))
}

#[expect(clippy::missing_safety_doc, reason = "documented once, in the first system's module")]
pub(crate) unsafe fn discard(_region: NonNull<u8>) {
    unreachable!("no region is made on an unsupported system")
}
