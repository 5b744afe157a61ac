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
//! but two, which [are left out](extras::is_filtered) under any filter. The domain lets an application open, read and map
//! its own package as code; a library that was never unpacked is in the package's file, at an offset that
//! `/proc/self/maps` tells. What it may not do, `execmod`, is never asked for: no page of a file is changed.

use std::io;

use crate::source::{Failure, Source};

#[path = "linux/execute_only.rs"]
mod execute_only;
#[path = "linux/extras.rs"]
mod extras;
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

#[path = "unix/code.rs"]
mod code;
#[path = "unix/linked.rs"]
mod linked;
#[path = "unix/master.rs"]
mod master;
#[path = "unix/object.rs"]
mod object;
#[path = "unix/page.rs"]
mod page;
#[path = "unix/region.rs"]
mod region;
#[path = "unix/temporary.rs"]
mod temporary;
#[path = "unix/version.rs"]
mod version;

// Of no use here, but they can be tested here.
#[cfg(test)]
#[path = "apple/error.rs"]
mod error;
#[cfg(test)]
#[path = "unix/loaded.rs"]
mod loaded;
#[cfg(test)]
#[path = "unix/readable.rs"]
mod readable;
#[cfg(test)]
#[path = "unix/records.rs"]
mod records;

use self::code::{At, Code};
use self::execute_only::linked_bytes;
use self::extras::protection;
pub(crate) use self::extras::{features, keep};
use self::linked::Linked;
#[cfg(test)]
use self::maps::find;
pub(crate) use self::master::master;
pub(crate) use self::page::page_bytes;
pub(crate) use self::region::{discard, protect, region};
pub(crate) use self::version::system;

pub(crate) const SUPPORTED: bool = true;

const SOURCES: [Source; 4] = [Source::File, Source::Text, Source::Memfd, Source::Temporary];

/// Maps linked bytes from a source.
fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
    let one = |failure| vec![failure];
    match source {
        Source::File => {
            let address = linked.address();
            let mapping = query::find(address).map_or_else(|| maps::find(address), Ok);
            mapping.and_then(|mapping| object::map(&mapping, linked, at)).map_err(one)
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

/// Has the system duplicate mapped code.
///
/// # Safety
/// `from` begins `bytes` of a master from `source`. Those at `to` are the caller's, who has no reference into them.
unsafe fn duplicate(source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
    if source == Source::Text {
        // SAFETY: as the caller promises; that the system keeps the master was tried when it was made.
        unsafe { remap::duplicate_private(from, bytes, to) }
    } else {
        // SAFETY: as the caller promises; every other source's mapping is shared.
        unsafe { remap::duplicate_shared(from, bytes, to) }
    }
}
