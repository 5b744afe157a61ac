//! macOS, iOS and their like.
//!
//! The one source is the text: `vm_remap` maps the linked tables again, as often as needed, with no file and no
//! descriptor. The pages remain those of the signed file. So this is allowed even where no other page may become
//! executable: libffi, .NET and the Objective-C runtime do the same on every such system. Each copy is compared. Then its
//! maximum protection is reduced to its current one, so that `mprotect(2)` can never make it writable.
//!
//! This is the call of `mach/vm_map.h`. `mach_vm_remap` of `mach/mach_vm.h` does the same, but does not exist on iOS.
//! Pages have 16 KiB, and 4 KiB on Intel's processors.
//!
//! `docs/platforms.md` names the functions of the kernel that this depends on.

use core::ffi::{c_int, c_uint};
use core::ptr::NonNull;
use std::borrow::Cow;
use std::io;

use super::copies::Copies;
use crate::arch;
use crate::error::Error;
use crate::report::Feature;
use crate::source::{Failure, Source};

#[path = "apple/error.rs"]
mod error;
#[path = "apple/protection.rs"]
mod protection;

#[path = "unix/mod.rs"]
mod unix;

use self::protection::Reported;
use self::unix::code::{At, Code};
use self::unix::linked::Linked;
use self::unix::master::Master;
pub(crate) use self::unix::page::page_bytes;
pub(crate) use self::unix::region::{discard, protect};
pub(crate) use self::unix::version::system;
use self::unix::{System, linked};

pub(crate) const SUPPORTED: bool = true;

/// A new region, with copies of this part of the linked tables.
pub(crate) fn region(part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    unix::region::region::<Apple>(part)
}

/// Makes one more copy of this part, in a region that has only the first.
///
/// # Safety
/// `to` must be the place of a copy of this part in such a region. No other thread may map that copy.
pub(crate) unsafe fn copy(part: usize, to: NonNull<u8>) -> Result<(), Error> {
    // SAFETY: the place is the caller's, who is the only one to map this copy: the condition of `copy`.
    unsafe { unix::region::copy::<Apple>(part, to) }
}

/// The first copy, from which all others are made.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<Apple>(0)
}

struct Apple;

impl System for Apple {
    const SOURCES: &'static [Source] = &[Source::Text];

    fn map(_source: Source, linked: Linked<'_>, _at: At) -> Result<Code, Vec<Failure>> {
        text(linked).map_err(|failure| vec![failure])
    }

    unsafe fn duplicate(_source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        let mut place = to.addr();
        let (mut now, mut at_most) = (0, 0); // protections, with the same bits as those of mmap(2): mach/vm_prot.h
        // SAFETY: nobody refers to the bytes at `to`. The source stays unchanged: the new mapping has the same pages,
        // not copies of them.
        error::check(unsafe {
            let task = mach_task_self_;
            let flags = VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE;
            let (from, share) = (from.expose_provenance(), VM_INHERIT_SHARE);
            vm_remap(task, &raw mut place, bytes, 0, flags, task, from, 0, &raw mut now, &raw mut at_most, share)
        })?;
        match protection::reported(now) {
            Reported::Code => {}
            // SAFETY: changes only the mapping made above, which was never writable.
            Reported::Data => {
                error::check(unsafe { vm_protect(mach_task_self_, place, bytes, 0, Self::protection()) })?
            }
            // Else the code below would read it and be killed for it.
            Reported::Neither => return Err(io::ErrorKind::PermissionDenied.into()),
        }
        // `vm_remap` reports the protection of the source. If the code signing monitor refuses the copy, the kernel takes
        // the right to execute away from it and reports no error. But then this call fails, because the maximum lacks
        // that right too.
        // SAFETY: changes only the mapping made above, and only takes rights away.
        error::check(unsafe { vm_protect(mach_task_self_, place, bytes, 1, Self::protection()) })
    }

    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
        // SAFETY: text is readable on all of these systems.
        Ok(unsafe { linked::in_place() })
    }
}

/// Duplicates the pages of all tables.
fn text(tables: Linked<'_>) -> Result<Code, Failure> {
    let copy = Code::place(tables.bytes()).map_err(Failure::Duplicate)?;
    // SAFETY: `copy` owns the place.
    unsafe { Apple::duplicate(Source::Text, arch::tables().cast_mut(), tables.bytes(), copy.start()) }
        .map_err(Failure::Duplicate)?;
    // SAFETY: `duplicate` has checked that it is readable.
    if unsafe { copy.holds(tables) } { Ok(copy) } else { Err(Failure::NotKept) }
}

const VM_FLAGS_FIXED: c_int = 0;
const VM_FLAGS_OVERWRITE: c_int = 0x4000;
const VM_INHERIT_SHARE: c_uint = 0;

unsafe extern "C" {
    static mach_task_self_: c_uint;

    /// `mach/vm_map.h`. A `boolean_t` is as wide as an `int`.
    fn vm_remap(
        target_task: c_uint,
        target_address: *mut usize,
        size: usize,
        mask: usize,
        flags: c_int,
        source_task: c_uint,
        source_address: usize,
        copy: c_int,
        current_protection: *mut c_int,
        maximum_protection: *mut c_int,
        inheritance: c_uint,
    ) -> c_int;

    fn vm_protect(task: c_uint, address: usize, size: usize, set_maximum: c_int, protection: c_int) -> c_int;
}

/// Does nothing, because `vm_remap` does not take `VM_FLAGS_PERMANENT`. If a code signing monitor knows the copy, the
/// kernel has already made it permanent.
pub(crate) fn seal(_code: NonNull<u8>, _copies: Copies) {}

/// Nothing in these systems matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    Vec::new()
}
