//! FreeBSD.
//!
//! | source    | how                                                                          |
//! |-----------|------------------------------------------------------------------------------|
//! | file      | the kernel's list of mappings or the dynamic linker names it; it is compared |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads      |
//!
//! Both are shared mappings of a descriptor that cannot write, so the kernel lets nobody make them writable. FreeBSD
//! cannot duplicate a mapping, so each region opens the file again. A program that enters capability mode, a jail or
//! another root should put trampolines in stock first.

use core::mem::offset_of;
use core::ptr::NonNull;
use std::borrow::Cow;

use super::copies::Copies;
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
use self::unix::records::{Layout, Length};
pub(crate) use self::unix::region::{discard, protect};
pub(crate) use self::unix::version::system;
use self::unix::{System, loaded, own_file, readable, records, sysctl, temporary};

pub(crate) const SUPPORTED: bool = true;

/// A new region, with copies of this part of the linked tables.
pub(crate) fn region(part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    unix::region::region::<FreeBsd>(part)
}

/// Makes one more copy of this part, in a region that has only the first.
///
/// # Safety
/// `to` must be the place of a copy of this part in such a region. No other thread may map that copy.
pub(crate) unsafe fn copy(part: usize, to: NonNull<u8>) -> Result<(), Error> {
    // SAFETY: the place is the caller's, who is the only one to map this copy: the condition of `copy`.
    unsafe { unix::region::copy::<FreeBsd>(part, to) }
}

/// The first copy, from which all others are made.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<FreeBsd>(0)
}

struct FreeBsd;

impl System for FreeBsd {
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
        readable::linked_bytes()
    }
}

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

/// Where an address was mapped from. The kernel forgets paths that were not used for a long time, but the linker does
/// not.
fn find(address: usize) -> Result<Mapping, Failure> {
    // SAFETY: only returns a number.
    let name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_VMMAP, unsafe { libc::getpid() }];
    let listed = sysctl::read(&name)
        .map_err(Failure::ReadMappings)
        .and_then(|list| records::find(&list, &LAYOUT, address).ok_or(Failure::NotInAFile));
    records::join(listed, loaded::find(address, None).map(loaded::or_this_program))
}

/// Does nothing: FreeBSD has no call that makes a mapping final.
pub(crate) fn seal(_code: NonNull<u8>, _copies: Copies) {}

/// What in the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    let mut mode = 0;
    // SAFETY: writes one number, `bytes` long.
    let state = match unsafe { libc::cap_getmode(&raw mut mode) } {
        0 if mode == 0 => "off",
        0 => "on",
        _ => "not in this kernel",
    };
    vec![Feature { name: "capability mode", state: state.into() }]
}
