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
use crate::report::Feature;
use crate::source::{Failure, Source};

#[path = "unix/again.rs"]
mod again;
#[path = "unix/code.rs"]
mod code;
#[path = "unix/linked.rs"]
mod linked;
#[path = "unix/loaded.rs"]
mod loaded;
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

use self::again::duplicate;
use self::code::{At, Code};
use self::linked::Linked;
pub(crate) use self::master::master;
use self::object::Mapping;
pub(crate) use self::page::page_bytes;
pub(crate) use self::region::{discard, protect, region};
pub(crate) use self::version::system;

pub(crate) const SUPPORTED: bool = true;

const SOURCES: [Source; 2] = [Source::File, Source::Temporary];

/// Maps linked bytes from a source.
fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
    match source {
        Source::Temporary => temporary::map(linked.bytes, at),
        _ => find(linked.address())
            .and_then(|mapping| object::map(&mapping, linked, at))
            .map_err(|failure| vec![failure]),
    }
}

/// Where an address was mapped from.
fn find(address: usize) -> Result<Mapping, Failure> {
    // SAFETY: asks for a number.
    let trusts_its_environment = unsafe { libc::issetugid() } == 0;
    let search = if trusts_its_environment { std::env::var_os("PATH") } else { None };
    loaded::find(address, search).ok_or(Failure::NotInAFile)
}

/// The bytes of the linked tables.
fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
    // SAFETY: they are read-only data.
    Ok(unsafe { linked::in_place() })
}

fn protection() -> libc::c_int {
    libc::PROT_READ | libc::PROT_EXEC
}

/// Makes the code of a region that stays immutable.
pub(crate) fn keep(code: NonNull<u8>) {
    // SAFETY: the pages are never unmapped nor changed.
    let _ = unsafe { libc::mimmutable(code.as_ptr().cast(), arch::DISTANCE) };
}

/// What of the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    vec![Feature { name: "mimmutable", state: "yes".into() }]
}
