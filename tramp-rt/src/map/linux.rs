//! Linux and Android.
//!
//! | source    | how                                                                    | the mapping is |
//! |-----------|------------------------------------------------------------------------|----------------|
//! | file      | `/proc/self/maps` names it; it is opened, compared and mapped again    | shared         |
//! | text      | `mremap(2)` with `MREMAP_DONTUNMAP`                                    | private        |
//! | memfd     | sealed before it is mapped                                             | shared         |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads | shared        |
//!
//! The kernel lets nobody make a page of a shared mapping writable (`mprotect(2)`, EACCES). `mremap(2)` duplicates the
//! master for further copies. This needs no path, no descriptor and no /proc. So once a program has the master, it may
//! close all its descriptors, change its root and lose its file.
//!
//! On Android, every application runs under a seccomp filter and in an `SELinux` domain. The filter allows all calls
//! made here except two, which [are left out](hardening::is_filtered) under any filter. The domain lets an application
//! open and read its own package and map it as code. A library that was never unpacked is in the package's file, at an
//! offset that `/proc/self/maps` gives. The domain forbids `execmod`, which is not needed, because no page of a file is
//! changed.

use core::ffi::c_int;
use core::ptr::NonNull;
use std::borrow::Cow;
use std::io;

use super::copies::Copies;
use crate::error::Error;
use crate::source::{Failure, Source};

#[path = "linux/execute_only.rs"]
mod execute_only;
#[path = "linux/hardening.rs"]
mod hardening;
#[path = "linux/leak_sanitizer.rs"]
mod leak_sanitizer;
#[path = "linux/maps.rs"]
mod maps;
#[path = "linux/memfd.rs"]
mod memfd;
#[path = "linux/query.rs"]
mod query;
#[path = "linux/remap.rs"]
mod remap;
#[path = "linux/text.rs"]
mod text;

#[path = "unix/mod.rs"]
mod unix;

// Linux does not use these, but tests them.
#[cfg(test)]
#[path = "apple/error.rs"]
mod error;
#[cfg(test)]
#[path = "apple/protection.rs"]
mod protection;

pub(crate) use self::hardening::{features, seal};
use self::unix::code::{At, Code};
use self::unix::linked::Linked;
use self::unix::master::Master;
pub(crate) use self::unix::page::page_bytes;
pub(crate) use self::unix::region::{discard, protect};
pub(crate) use self::unix::version::system;
use self::unix::{System, own_file, temporary};
#[cfg(test)]
use self::{execute_only::linked_bytes, hardening::protection, maps::find};

pub(crate) const SUPPORTED: bool = true;

/// A new region, with copies of this part of the linked tables.
pub(crate) fn region(part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    unix::region::region::<Linux>(part)
}

/// Makes one more copy of this part, in a region that has only the first.
///
/// # Safety
/// `to` must be the place of a copy of this part in such a region. No other thread may map that copy.
pub(crate) unsafe fn copy(part: usize, to: NonNull<u8>) -> Result<(), Error> {
    // SAFETY: the place is the caller's, who is the only one to map this copy: the condition of `copy`.
    unsafe { unix::region::copy::<Linux>(part, to) }?;
    hardening::seal_copy(to);
    Ok(())
}

/// The first copy, from which all others are made.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<Linux>(0)
}

struct Linux;

impl System for Linux {
    const SOURCES: &'static [Source] = &[Source::File, Source::Text, Source::Memfd, Source::Temporary];
    const REPLACES: bool = true;

    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
        let one = |failure| vec![failure];
        match source {
            Source::File => {
                let address = linked.address();
                let mapping = query::find(address).map_or_else(|| maps::find(address), Ok);
                mapping.and_then(|mapping| own_file::map(&mapping, linked, at)).map_err(one)
            }
            Source::Text => text::map(linked).map_err(one),
            Source::Memfd => {
                linked.contents(Self::linked_bytes).and_then(|contents| memfd::map(linked, &contents, at)).map_err(one)
            }
            Source::Temporary => {
                let contents = linked.contents(Self::linked_bytes).map_err(one)?;
                temporary::map(linked, &contents, at)
            }
        }
    }

    unsafe fn duplicate(source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        if source == Source::Text {
            // SAFETY: nobody refers to the bytes at `to`. `text::map` has tried that the system keeps the master.
            unsafe { remap::duplicate_private(from, bytes, to) }
        } else {
            // SAFETY: nobody refers to the bytes at `to`. The mapping is shared, as with every source except the text.
            unsafe { remap::duplicate_shared(from, bytes, to) }
        }
    }

    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
        execute_only::linked_bytes()
    }

    fn protection() -> c_int {
        hardening::protection()
    }
}
