//! OpenBSD.
//!
//! | source    | how                                                                     |
//! |-----------|-------------------------------------------------------------------------|
//! | file      | the dynamic linker names it; it is compared                             |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads |
//!
//! Text is execute-only since OpenBSD 7.3, on processors that can do this. Then nothing can compare it, because nothing
//! can read it. But the linked tables are templates that never run. So they are linked as read-only data here:
//! `asm/elf.s`. The mapped copies are code, and readable, because they have to be compared. They contain no secrets.
//!
//! The kernel lists mappings without their files, and a process cannot find out the path of its program for certain.
//! The linker only has the word that started the program. The comparison of the bytes rejects a wrong file.
//!
//! OpenBSD cannot duplicate a mapping, so each region opens the file again. A program should put trampolines in stock
//! before it gives up the pledges `rpath` and `prot_exec`, calls `unveil(2)` or changes its root. Without these pledges
//! the kernel does not return an error, but kills the program.
//!
//! `mimmutable(2)` makes the code of a region immutable: nothing can unmap, replace or reprotect it. The slots cannot
//! be immutable, because protected slots change their protection. Thunks begin with landing pads, because the system
//! requires them (IBT, BTI), unless a program is linked with `-z nobtcfi`.

use core::ptr::NonNull;
use std::borrow::Cow;

use super::copies::Copies;
use crate::arch;
use crate::error::Error;
use crate::report::Feature;
use crate::source::{Failure, Source};

#[path = "unix/mod.rs"]
mod unix;

use self::unix::code::{At, Code};
use self::unix::linked::Linked;
use self::unix::master::Master;
use self::unix::own_file::Mapping;
pub(crate) use self::unix::page::page_bytes;
pub(crate) use self::unix::region::{discard, protect};
pub(crate) use self::unix::version::system;
use self::unix::{System, linked, loaded, own_file, temporary};

pub(crate) const SUPPORTED: bool = true;

/// A new region, with copies of this part of the linked tables.
pub(crate) fn region(part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    unix::region::region::<OpenBsd>(part)
}

/// Makes one more copy of this part, in a region that has only the first.
///
/// # Safety
/// `to` must be the place of a copy of this part in such a region. No other thread may map that copy.
pub(crate) unsafe fn copy(part: usize, to: NonNull<u8>) -> Result<(), Error> {
    // SAFETY: the place is the caller's, who is the only one to map this copy: the condition of `copy`.
    unsafe { unix::region::copy::<OpenBsd>(part, to) }
}

/// The first copy, from which all others are made.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<OpenBsd>(0)
}

struct OpenBsd;

impl System for OpenBsd {
    const SOURCES: &'static [Source] = &[Source::File, Source::Temporary];

    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
        match source {
            Source::Temporary => {
                let contents = linked.contents(Self::linked_bytes).map_err(|failure| vec![failure])?;
                temporary::map(linked, &contents, at)
            }
            _ => find(linked.address())
                .and_then(|mapping| own_file::map(&mapping, linked, at))
                .map_err(|failure| vec![failure]),
        }
    }

    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
        // SAFETY: the linked tables are read-only data.
        Ok(unsafe { linked::in_place() })
    }
}

/// Where an address was mapped from.
fn find(address: usize) -> Result<Mapping, Failure> {
    // SAFETY: only returns a number.
    let trusts_its_environment = unsafe { libc::issetugid() } == 0;
    let search = if trusts_its_environment { std::env::var_os("PATH") } else { None };
    let mapping = loaded::find(address, search).ok_or(Failure::NotInAFile)?;
    // The system only knows the same word. It kills a program that asks for it without the pledge `ps`. So only a static
    // program asks, because no linker names it.
    Ok(if mapping.paths.is_empty() { loaded::or_this_program(mapping) } else { mapping })
}

/// Makes the code of a region that stays immutable.
pub(crate) fn seal(code: NonNull<u8>, _copies: Copies) {
    // SAFETY: the pages are never unmapped or changed.
    let _ = unsafe { libc::mimmutable(code.as_ptr().cast(), arch::DISTANCE) };
}

/// What in the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    vec![Feature { name: "mimmutable", state: "yes".into() }]
}
