//! FreeBSD.
//!
//! | source    | how                                                                          |
//! |-----------|------------------------------------------------------------------------------|
//! | file      | the kernel's list of mappings or the dynamic linker names it; it is compared |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads      |
//!
//! Both are shared mappings of a descriptor that cannot write, which the kernel lets nobody make writable. There is no way
//! to duplicate a mapping, so each region opens the file again: a program that enters capability mode, a jail of its own or
//! another root puts trampolines in stock before.

use core::mem::offset_of;
use core::ptr::NonNull;

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
#[path = "unix/readable.rs"]
mod readable;
#[path = "unix/records.rs"]
mod records;
#[path = "unix/region.rs"]
mod region;
#[path = "unix/sysctl.rs"]
mod sysctl;
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
use self::readable::linked_bytes;
use self::records::{Layout, Length};
pub(crate) use self::region::{discard, protect, region};
pub(crate) use self::version::system;

pub(crate) const SUPPORTED: bool = true;

const SOURCES: [Source; 2] = [Source::File, Source::Temporary];

/// sys/user.h
const LAYOUT: Layout = Layout {
    length: Length::Said,
    start: offset_of!(libc::kinfo_vmentry, kve_start),
    end: offset_of!(libc::kinfo_vmentry, kve_end),
    offset: offset_of!(libc::kinfo_vmentry, kve_offset),
    inode: offset_of!(libc::kinfo_vmentry, kve_vn_fileid),
    path: offset_of!(libc::kinfo_vmentry, kve_path),
};

#[cfg(test)]
const _: () = assert!(LAYOUT.equals(&records::FREEBSD));

/// Maps linked bytes from a source.
fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
    match source {
        Source::Temporary => temporary::map(linked.bytes, at),
        _ => find(linked.address())
            .and_then(|mapping| object::map(&mapping, linked, at))
            .map_err(|failure| vec![failure]),
    }
}

/// Where an address was mapped from. The kernel forgets paths that nobody has used for long; the linker does not.
fn find(address: usize) -> Result<Mapping, Failure> {
    // SAFETY: asks for a number.
    let name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_VMMAP, unsafe { libc::getpid() }];
    let listed = sysctl::read(&name)
        .map_err(Failure::ReadMappings)
        .and_then(|list| records::find(&list, &LAYOUT, address).ok_or(Failure::NotInAFile));
    records::join(listed, loaded::find(address, None))
}

fn protection() -> libc::c_int {
    libc::PROT_READ | libc::PROT_EXEC
}

/// Nothing: no call makes a mapping final here.
pub(crate) fn keep(_code: NonNull<u8>) {}

/// What of the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    let mut mode = 0;
    // SAFETY: writes one number.
    let state = match unsafe { libc::cap_getmode(&raw mut mode) } {
        0 if mode == 0 => "off",
        0 => "on",
        _ => "not in this kernel",
    };
    vec![Feature { name: "capability mode", state: state.into() }]
}
