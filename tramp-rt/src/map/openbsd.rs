//! OpenBSD.
//!
//! | source    | how                                                                     |
//! |-----------|-------------------------------------------------------------------------|
//! | file      | the dynamic linker names it; it is compared                             |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads |
//!
//! Text is execute-only since OpenBSD 7.3, where the processor can have it so, and nobody can compare what nobody can
//! read. But the linked tables are templates that are never run, so here they are linked as read-only data: `asm/elf.s`.
//! What is mapped of them is code, and readable, since it has to be compared; it holds no secrets.
//!
//! The kernel lists mappings without their files, and no process knows its program's path for certain: the linker has the
//! word that it was started by. A wrong file is found out by its bytes.
//!
//! There is no way to duplicate a mapping, so each region opens the file again. A program that goes on without the pledges
//! `rpath` and `prot_exec`, under `unveil(2)` or with another root puts trampolines in stock before.
//!
//! The code of a region is made immutable by `mimmutable(2)`: it can be neither unmapped, nor replaced, nor reprotected.
//! Its slots cannot be, for protected ones change their protection. Thunks begin with landing pads, which the system
//! demands (IBT, BTI), unless a program is linked with `-z nobtcfi`.

use core::ptr::NonNull;
use std::borrow::Cow;

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

/// A new region, with copies of that part of the linked tables.
pub(crate) fn region(part: usize) -> Result<NonNull<u8>, Error> {
    unix::region::region::<OpenBsd>(part)
}

/// What the copies are made of.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<OpenBsd>()
}

struct OpenBsd;

impl System for OpenBsd {
    const SOURCES: &'static [Source] = &[Source::File, Source::Temporary];

    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
        match source {
            Source::Temporary => temporary::map(linked.bytes, at),
            _ => find(linked.address())
                .and_then(|mapping| own_file::map(&mapping, linked, at))
                .map_err(|failure| vec![failure]),
        }
    }

    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
        // SAFETY: they are read-only data.
        Ok(unsafe { linked::in_place() })
    }
}

/// Where an address was mapped from.
fn find(address: usize) -> Result<Mapping, Failure> {
    // SAFETY: asks for a number.
    let trusts_its_environment = unsafe { libc::issetugid() } == 0;
    let search = if trusts_its_environment { std::env::var_os("PATH") } else { None };
    loaded::find(address, search).ok_or(Failure::NotInAFile)
}

/// Makes the code of a region that stays immutable.
pub(crate) fn seal(code: NonNull<u8>) {
    // SAFETY: the pages are never unmapped nor changed.
    let _ = unsafe { libc::mimmutable(code.as_ptr().cast(), arch::DISTANCE) };
}

/// What of the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    vec![Feature { name: "mimmutable", state: "yes".into() }]
}
