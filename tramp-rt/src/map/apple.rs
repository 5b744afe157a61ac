//! macOS, iOS and their like.
//!
//! The one source is the text: `vm_remap` maps the linked tables once more, as often as needed, with no file and no
//! descriptor. The pages stay those of the signed file, which is why it is allowed where no page may become executable
//! otherwise: libffi and the Objective-C runtime do so on every such system. Each copy is compared, and its maximum
//! protection is cut to what it has, so that `mprotect(2)` can never make it writable.
//!
//! It is the call of `mach/vm_map.h`: `mach/mach_vm.h`, whose `mach_vm_remap` does the same, is not for iOS. Pages are of
//! 16 KiB, and of 4 KiB on Intel's processors.

use core::ffi::{c_int, c_uint};
use core::ptr::NonNull;
use std::borrow::Cow;
use std::io;

use crate::error::Error;
use crate::report::Feature;
use crate::source::{Failure, Source};

#[path = "apple/error.rs"]
mod error;

#[path = "unix/mod.rs"]
mod unix;

use self::unix::code::{At, Code};
use self::unix::linked::Linked;
use self::unix::master::Master;
pub(crate) use self::unix::page::page_bytes;
pub(crate) use self::unix::region::{discard, protect};
pub(crate) use self::unix::version::system;
use self::unix::{System, linked};

pub(crate) const SUPPORTED: bool = true;

/// A new region, with copies of that part of the linked tables.
pub(crate) fn region(part: usize) -> Result<NonNull<u8>, Error> {
    unix::region::region::<Apple>(part)
}

/// What the copies are made of.
pub(crate) fn master() -> Result<&'static Master, Error> {
    unix::master::master::<Apple>()
}

struct Apple;

impl System for Apple {
    const SOURCES: &'static [Source] = &[Source::Text];

    fn map(_source: Source, linked: Linked<'_>, _at: At) -> Result<Code, Vec<Failure>> {
        text(linked.bytes).map_err(|failure| vec![failure])
    }

    unsafe fn duplicate(_source: Source, from: *mut u8, bytes: usize, to: *mut u8) -> io::Result<()> {
        let mut place = to.addr();
        let (mut now, mut at_most) = (0, 0); // protections, which have the same bits as those of mmap(2): mach/vm_prot.h
        // SAFETY: nobody refers to what is at `to`. The source stays as it is: the new mapping is of the same pages,
        // not of copies.
        error::check(unsafe {
            let task = mach_task_self_;
            let flags = VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE;
            let (from, share) = (from.expose_provenance(), VM_INHERIT_SHARE);
            vm_remap(task, &raw mut place, bytes, 0, flags, task, from, 0, &raw mut now, &raw mut at_most, share)
        })?;
        if now != Self::protection() {
            return Err(io::ErrorKind::PermissionDenied.into()); // or it would be read, and killed for it
        }
        // SAFETY: of the mapping just made, which only gets less than it may have.
        error::check(unsafe { vm_protect(mach_task_self_, place, bytes, 1, Self::protection()) })
    }

    fn linked_bytes() -> Result<Cow<'static, [u8]>, Failure> {
        // SAFETY: text is readable on all of these systems.
        Ok(unsafe { linked::in_place() })
    }
}

/// Duplicates the pages of `linked`.
fn text(linked: &[u8]) -> Result<Code, Failure> {
    let copy = Code::place(linked.len()).map_err(Failure::Duplicate)?;
    // SAFETY: the place is ours.
    unsafe { Apple::duplicate(Source::Text, linked.as_ptr().cast_mut(), linked.len(), copy.start()) }
        .map_err(Failure::Duplicate)?;
    // SAFETY: `duplicate` left it readable.
    if unsafe { copy.holds(linked) } { Ok(copy) } else { Err(Failure::NotKept) }
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

/// Nothing: no call makes a mapping final here.
pub(crate) fn seal(_code: NonNull<u8>) {}

/// Nothing of the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    Vec::new()
}
