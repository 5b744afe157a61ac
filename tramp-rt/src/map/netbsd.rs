//! NetBSD.
//!
//! | source    | how                                                                          |
//! |-----------|------------------------------------------------------------------------------|
//! | file      | the kernel's list of mappings or the dynamic linker names it; it is compared |
//! | text      | `mremap(2)` with `MAP_REMAPDUP`                                              |
//! | temporary | unlinked before it is written, mapped from a descriptor that only reads      |
//!
//! The list is `vm.proc.map` of `sysctl(7)`, because /proc is not always mounted. `mremap(2)` duplicates the master for
//! further copies. So once a program has the master, it may lose its file, its root and its descriptors. `MAP_REMAPDUP`
//! exists for two mappings of the same pages, one of them writable. Here both mappings have the protection of the
//! first.

use core::mem::{offset_of, size_of};
use core::ptr::NonNull;
use std::borrow::Cow;
use std::io;

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
    unix::region::region::<NetBsd>(part)
}

/// Makes one more copy of this part, in a region that has only the first.
///
/// # Safety
/// `to` must be the place of a copy of this part in such a region. No other thread may map that copy.
pub(crate) unsafe fn copy(part: usize, to: NonNull<u8>) -> Result<(), Error> {
    // SAFETY: the place is the caller's, who is the only one to map this copy: the condition of `copy`.
    unsafe { unix::region::copy::<NetBsd>(part, to) }
}

/// The first copy, from which all others are made.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<NetBsd>(0)
}

struct NetBsd;

impl System for NetBsd {
    const SOURCES: &'static [Source] = &[Source::File, Source::Text, Source::Temporary];

    fn map(source: Source, linked: Linked<'_>, at: At) -> Result<Code, Vec<Failure>> {
        let one = |failure| vec![failure];
        match source {
            Source::Text => text(linked).map_err(one),
            Source::Temporary => {
                let contents = linked.contents(Self::linked_bytes).map_err(one)?;
                temporary::map(linked, &contents, at)
            }
            _ => find(linked.address()).and_then(|mapping| own_file::map(&mapping, linked, at)).map_err(one),
        }
    }

    unsafe fn duplicate(_source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        // Unlike mmap(2), this call replaces nothing: with `MAP_FIXED` the place has to be free. If another thread maps
        // something there in the meantime, the place stays that thread's.
        // SAFETY: the bytes at `to` belong to the caller of `duplicate`, and nobody refers to them.
        if unsafe { libc::munmap(to.cast(), bytes) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the source stays unchanged, and the call replaces no mapping.
        let placed =
            unsafe { libc::mremap(from.cast(), bytes, to.cast(), bytes, libc::MAP_FIXED | libc::MAP_REMAPDUP) };
        if placed == to.cast() {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: makes a new mapping, at this address if it is free, and otherwise elsewhere.
        let filled = unsafe { libc::mmap(to.cast(), bytes, libc::PROT_NONE, flags, -1, 0) };
        if filled == to.cast() {
            return Err(error);
        }
        if filled != libc::MAP_FAILED {
            // SAFETY: unmaps the mapping made above, which is at the wrong address.
            unsafe { libc::munmap(filled, bytes) };
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
        readable::linked_bytes()
    }
}

/// uvm/uvm_param.h
const LAYOUT: Layout = Layout {
    length: Length::Fixed(size_of::<libc::kinfo_vmentry>()),
    start: offset_of!(libc::kinfo_vmentry, kve_start),
    end: offset_of!(libc::kinfo_vmentry, kve_end),
    offset: offset_of!(libc::kinfo_vmentry, kve_offset),
    inode: offset_of!(libc::kinfo_vmentry, kve_vn_fileid),
    path: offset_of!(libc::kinfo_vmentry, kve_path),
};

#[cfg(test)]
const _: () = assert!(LAYOUT.equals(&records::NETBSD));

/// Where an address was mapped from.
fn find(address: usize) -> Result<Mapping, Failure> {
    let bytes = size_of::<libc::kinfo_vmentry>();
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "little more than a path")]
    // SAFETY: only returns a number.
    let name = [libc::CTL_VM, libc::VM_PROC, libc::VM_PROC_MAP, unsafe { libc::getpid() }, bytes as libc::c_int];
    let listed = sysctl::read(&name)
        .map_err(Failure::ReadMappings)
        .and_then(|list| records::find(&list, &LAYOUT, address).ok_or(Failure::NotInAFile));
    records::join(listed, loaded::find(address, None).map(loaded::or_this_program))
}

/// Duplicates the pages of all tables.
fn text(tables: Linked<'_>) -> Result<Code, Failure> {
    let linked = &*NetBsd::linked_bytes()?;
    let copy = Code::place(linked.len()).map_err(Failure::Duplicate)?;
    // SAFETY: `copy` owns the place.
    if let Err(error) =
        unsafe { NetBsd::duplicate(Source::Text, linked.as_ptr().cast_mut(), linked.len(), copy.start()) }
    {
        if error.kind() == io::ErrorKind::AddrInUse {
            core::mem::forget(copy); // the place is another thread's now
        }
        return Err(Failure::Duplicate(error));
    }
    // SAFETY: it is as readable as the linked bytes, which are readable.
    if unsafe { copy.equals(linked) && copy.holds(tables) } { Ok(copy) } else { Err(Failure::NotKept) }
}

/// Does nothing: NetBSD has no call that makes a mapping final. Where `PaX MPROTECT` (`security(7)`) is on, it has done
/// this already.
pub(crate) fn seal(_code: NonNull<u8>, _copies: Copies) {}

/// What in the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    let (mut on, mut bytes) = (0 as libc::c_int, size_of::<libc::c_int>());
    let name = c"security.pax.mprotect.global".as_ptr();
    // SAFETY: writes one number and sets nothing.
    let asked = unsafe { libc::sysctlbyname(name, (&raw mut on).cast(), &raw mut bytes, core::ptr::null(), 0) };
    let state = match (asked, on) {
        (0, 0) => "only where a program asks for it",
        (0, _) => "unless a program declines it",
        _ => "not in this kernel",
    };
    vec![Feature { name: "PaX MPROTECT", state: state.into() }]
}
