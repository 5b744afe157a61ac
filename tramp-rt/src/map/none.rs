//! A system that cannot map tables. Its trampolines are direct. When direct slots run out, the error says so.

use core::ptr::NonNull;

use super::copies::Copies;
use crate::error::{Error, Unsupported};
use crate::report::Feature;
use crate::source::{Attempt, Source};

pub(crate) const SUPPORTED: bool = false;

pub(crate) fn region(_part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    Err(Error::Unsupported(Unsupported::System))
}

#[expect(clippy::missing_safety_doc, reason = "documented once, in the first system's module")]
pub(crate) unsafe fn copy(_part: usize, _to: NonNull<u8>) -> Result<(), Error> {
    unreachable!("no region is made on an unsupported system")
}

#[expect(clippy::missing_safety_doc, reason = "documented once, in the first system's module")]
pub(crate) unsafe fn discard(_region: NonNull<u8>) {
    unreachable!("no region is made on an unsupported system")
}

pub(crate) fn seal(_region: NonNull<u8>, _copies: Copies) {
    unreachable!("no region is made on an unsupported system")
}

pub(crate) fn protect(_region: NonNull<u8>, _read_only: bool) -> std::io::Result<()> {
    unreachable!("no region is made on an unsupported system")
}

pub(crate) fn page_bytes() -> Result<usize, Error> {
    Err(Error::Unsupported(Unsupported::System))
}

/// The first copy of all tables. This type has no value here.
#[derive(Debug)]
pub(crate) struct Master {
    pub(crate) source: Source,
    pub(crate) failures: Vec<Attempt>,
}

pub(crate) fn master() -> Result<&'static Master, Error> {
    Err(Error::Unsupported(Unsupported::System))
}

pub(crate) fn system() -> String {
    std::env::consts::OS.into()
}

pub(crate) fn features() -> Vec<Feature> {
    Vec::new()
}
