//! Linux and Android.
//!
//! | source    | how                                                                    | the mapping is |
//! |-----------|------------------------------------------------------------------------|----------------|
//! | file      | `/proc/self/maps` names it; it is opened, compared and mapped again    | shared         |
//! | text      | `mremap(2)` with `MREMAP_DONTUNMAP`                                    | private        |
//! | memfd     | sealed before it is mapped                                             | shared         |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads | shared        |
//!
//! Of a shared mapping the kernel lets nobody make a page writable (`mprotect(2)`, EACCES). Further copies are duplicated
//! from the master by `mremap(2)`, which needs no path, no descriptor and no /proc: a program may close all its
//! descriptors, change its root and lose its file once it has the master.
//!
//! On Android every application lives under a seccomp filter and an `SELinux` domain. The filter knows all calls made here
//! but two, which [are left out](hardening::is_filtered) under any filter. The domain lets an application open, read and map
//! its own package as code; a library that was never unpacked is in the package's file, at an offset that
//! `/proc/self/maps` tells. What it may not do, `execmod`, is never asked for: no page of a file is changed.

use core::ffi::c_int;
use core::ptr::NonNull;
use std::borrow::Cow;
use std::io;

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

// Of no use here, but it can be tested here.
#[cfg(test)]
#[path = "apple/error.rs"]
mod error;

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

/// A new region, with copies of that part of the linked tables.
pub(crate) fn region(part: usize) -> Result<NonNull<u8>, Error> {
    unix::region::region::<Linux>(part)
}

/// What the copies are made of.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<Linux>()
}

struct Linux;

impl System for Linux {
    const SOURCES: &'static [Source] = &[Source::File, Source::Text, Source::Memfd, Source::Temporary];

    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
        let one = |failure| vec![failure];
        match source {
            Source::File => {
                let address = linked.address();
                let mapping = query::find(address).map_or_else(|| maps::find(address), Ok);
                mapping.and_then(|mapping| own_file::map(&mapping, linked, at)).map_err(one)
            }
            Source::Text => match linked.in_place() {
                Some(text) => text::map(text).map_err(one),
                // The copy could be read as little as the text, and nothing is run that was not compared.
                None => Err(one(Failure::Unreadable(io::ErrorKind::Unsupported.into()))),
            },
            Source::Memfd => memfd::map(linked.bytes, at).map_err(one),
            Source::Temporary => temporary::map(linked.bytes, at),
        }
    }

    unsafe fn duplicate(source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        if source == Source::Text {
            // SAFETY: nobody refers to what is at `to`; that the system keeps the master was tried when it was made.
            unsafe { remap::duplicate_private(from, bytes, to) }
        } else {
            // SAFETY: nobody refers to what is at `to`; every other source's mapping is shared.
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
