//! The *master copy* of the linked tables, of which the copies in regions are made.
//!
//! It comes from the first source that works. A system that can duplicate a mapping needs no path and no descriptor for
//! further copies; one that cannot goes to the source again.
//!
//! Nothing here holds a lock. A thread that loses a race undoes what it did.

use std::borrow::Cow;
use std::io;

use super::code::{At, Code};
use super::linked::Linked;
use super::page::page_bytes;
use super::system::System;
use crate::arch;
use crate::error::Error;
use crate::source;
use crate::source::{Attempt, Failure, Source};
use crate::sync::{AtomicPtr, Ordering};

/// The first copy of all tables, from which the others are made.
#[derive(Debug)]
pub(crate) struct Master {
    pub(crate) source: Source,
    /// What was tried before.
    pub(crate) failures: Vec<Attempt>,
    linked: Cow<'static, [u8]>,
    code: Code,
}

impl Master {
    /// Maps the copies of a region, of one part, in the place of what is there.
    ///
    /// # Safety
    /// `to` begins `arch::COPIES * COPY_BYTES` that belong to the caller, who has no reference into them, at a multiple of the
    /// page size; `part` is one of the tables'.
    pub(super) unsafe fn fill<S: System>(&self, part: usize, to: *mut u8) -> io::Result<()> {
        let from = self.code.start().wrapping_add(part * arch::COPY_BYTES);
        let duplicated = (0..arch::COPIES).try_for_each(|copy| {
            let to = to.wrapping_add(copy * arch::COPY_BYTES);
            // SAFETY: as the caller promises; the master is mapped for as long as the process lives.
            unsafe { S::duplicate(self.source, from, arch::COPY_BYTES, to) }
        });
        let Err(error) = duplicated else { return Ok(()) };
        if self.source == Source::Text {
            return Err(error);
        }
        // Filters refuse mremap(2), valgrind an old size of 0, qemu-user pages larger than its own system's, and some
        // systems have nothing like it. What the master came from may be there still.
        let linked = Linked::tables(&self.linked).part(part * arch::COPY_BYTES, arch::COPY_BYTES);
        // SAFETY: the caller's.
        let at = unsafe { At::over(to, arch::COPIES, S::protection()) };
        S::map(self.source, linked, at).map(|_| ()).map_err(|failures| match error.kind() {
            io::ErrorKind::Unsupported => because(failures),
            _ => error,
        })
    }
}

/// The system's reason for the last of some failures.
fn because(failures: Vec<Failure>) -> io::Error {
    failures.into_iter().next_back().map_or_else(|| io::ErrorKind::Other.into(), Failure::into_error)
}

/// The master copy, made on the first call that succeeds and kept.
pub(crate) fn master<S: System>() -> Result<&'static Master, Error> {
    static MASTER: AtomicPtr<Master> = AtomicPtr::new(core::ptr::null_mut());

    // SAFETY: null, or leaked below.
    if let Some(master) = unsafe { MASTER.load(Ordering::Acquire).as_ref() } {
        return Ok(master);
    }
    let made = Box::into_raw(Box::new(find::<S>()?));
    match MASTER.compare_exchange(core::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: from the box above, and never freed now that others can see it.
        Ok(_) => Ok(unsafe { &*made }),
        Err(earlier) => {
            // SAFETY: from the box above, and seen by no one.
            drop(unsafe { Box::from_raw(made) });
            // SAFETY: another thread's, leaked as ours would have been.
            Ok(unsafe { &*earlier })
        }
    }
}

/// Tries the sources in order.
fn find<S: System>() -> Result<Master, Error> {
    page_bytes()?;
    let mut failures = Vec::new();
    for source in source::in_order().filter(|source| S::SOURCES.contains(source)) {
        let made = S::linked_bytes().map_err(|failure| vec![failure]).and_then(|linked| {
            let code = S::map(source, Linked::tables(&linked), At::anywhere(S::protection()))?;
            Ok((linked, code))
        });
        let failed = match made {
            Ok((linked, code)) => return Ok(Master { source, failures, linked, code }),
            Err(failed) => failed,
        };
        // Want of memory or mappings is no fault of the source: none needs less, and some leave more to undo.
        let is_at_limit = failed.iter().any(Failure::is_out_of_memory);
        failures.extend(failed.into_iter().map(|failure| Attempt { source, failure }));
        if is_at_limit {
            break;
        }
    }
    Err(Error::NoSource(failures))
}
