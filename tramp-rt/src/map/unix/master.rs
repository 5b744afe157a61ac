//! The *master copy* of the linked tables, from which the copies in regions are made.
//!
//! It comes from the first source that works, with all tables. So a program with one mapped trampoline may lose its files
//! and descriptors, and still get trampolines of every table. A part of the master is compared before the first copy of that
//! part is made. A system that can duplicate a mapping needs no path and no descriptor for further copies. Any other system
//! uses the source again.
//!
//! Nothing here holds a lock. A thread that loses a race undoes its work.

use std::io;

use super::code::{self, At, Code};
use super::linked::Linked;
use super::page::page_bytes;
use super::system::System;
use crate::arch;
use crate::arch::geometry::LINKED_BYTES;
use crate::error::Error;
use crate::map::Copies;
use crate::source;
use crate::source::{Attempt, Failure, Source};
use crate::sync::{AtomicUsize, MadeOnce, Ordering};

/// The first copy of all tables, from which the others are made.
#[derive(Debug)]
pub(crate) struct Master {
    pub(crate) source: Source,
    /// What was tried before.
    pub(crate) failures: Vec<Attempt>,
    code: Code,
    /// A bit for each part that was compared.
    compared: AtomicUsize,
}

/// The parts of the linked tables, each of which is in one copy.
const PARTS: usize = LINKED_BYTES / arch::COPY_BYTES;

const _: () = assert!(PARTS <= usize::BITS as usize);

impl Master {
    /// Maps copies of one part for a region, as many as have to be made now, and replaces what is mapped there.
    ///
    /// # Safety
    /// `to` must begin `arch::COPIES * COPY_BYTES` bytes at a multiple of the page size. These bytes must belong to the
    /// caller, and nothing may refer to them. `part` must be a part of the tables.
    pub(super) unsafe fn fill<S: System>(&self, part: usize, to: *mut u8) -> io::Result<Copies> {
        // Runs that share a copy do not know whether one of them has made it. So all copies are made now.
        let now = if S::REPLACES && arch::RUN_BYTES == arch::COPY_BYTES { Copies::First } else { Copies::All };
        let count = if now == Copies::First { 1 } else { arch::COPIES };
        // SAFETY: the bytes at `to` belong to the caller, and nothing refers to them.
        match unsafe { self.duplicate::<S>(part, to, count) } {
            Ok(()) => Ok(now),
            // SAFETY: `to` has room for all copies. It belongs to the caller, and nothing refers to it.
            Err(error) => unsafe { self.map_again::<S>(error, part, to, arch::COPIES) }.map(|()| Copies::All),
        }
    }

    /// Maps one copy of a part over a reservation. If this fails, the place is a reservation as before.
    ///
    /// # Safety
    /// The conditions of [`fill`](Self::fill), with room for one copy.
    pub(super) unsafe fn copy<S: System>(&self, part: usize, to: *mut u8) -> io::Result<()> {
        // SAFETY: the bytes at `to` belong to the caller, and nothing refers to them.
        let Err(error) = (unsafe { self.duplicate::<S>(part, to, 1) }) else { return Ok(()) };
        code::hold(to, arch::COPY_BYTES);
        // SAFETY: the bytes at `to` belong to the caller, and nothing refers to them.
        unsafe { self.map_again::<S>(error, part, to, 1) }.inspect_err(|_| {
            // SAFETY: the bytes at `to` belong to the caller, and nothing refers to them.
            unsafe { code::clear(to, arch::COPY_BYTES) }
        })
    }

    /// # Safety
    /// The conditions of [`fill`](Self::fill), with room for `count` copies.
    unsafe fn duplicate<S: System>(&self, part: usize, to: *mut u8, count: usize) -> io::Result<()> {
        let from = self.code.start().wrapping_add(part * arch::COPY_BYTES);
        (0..count).try_for_each(|copy| {
            let to = to.wrapping_add(copy * arch::COPY_BYTES);
            // SAFETY: the bytes at `to` belong to the caller, and nothing refers to them. The master is mapped as long
            // as the process lives.
            unsafe { S::duplicate(self.source, from, arch::COPY_BYTES, to) }
        })
    }

    /// Maps copies as the master was mapped, because the system does not duplicate it.
    ///
    /// # Safety
    /// The conditions of [`fill`](Self::fill), with room for `count` copies.
    #[cold]
    unsafe fn map_again<S: System>(&self, error: io::Error, part: usize, to: *mut u8, count: usize) -> io::Result<()> {
        // `AddrInUse` says that another thread has the place by now.
        if self.source == Source::Text || error.kind() == io::ErrorKind::AddrInUse {
            return Err(error);
        }
        // Duplication can fail. Filters forbid mremap(2), valgrind refuses an old size of 0, qemu-user refuses pages
        // larger than those of its own system, and some systems have no such call. Then the source of the master may
        // still be there.
        let linked = Linked::part(part, self.part(part));
        // SAFETY: `to` begins this many bytes that belong to the caller, and nothing refers to them.
        let at = unsafe { At::over(to, count, S::protection()) };
        S::map(self.source, linked, at).map(|_| ()).map_err(|failures| match error.kind() {
            io::ErrorKind::Unsupported => because(failures),
            _ => error,
        })
    }
}

impl Master {
    fn part(&self, part: usize) -> &[u8] {
        // SAFETY: the mapping of every source is readable.
        let tables = unsafe { self.code.bytes() };
        &tables[part * arch::COPY_BYTES..][..arch::COPY_BYTES]
    }

    /// Compares a part, if it was not compared before.
    fn compare(&self, part: usize) -> Result<(), Error> {
        if self.compared.load(Ordering::Relaxed) >> part & 1 == 0 {
            if !arch::is_as_assembled(part, self.part(part)) {
                return Err(Error::Rewritten);
            }
            self.compared.fetch_or(1 << part, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The system's reason for the last of several failures.
fn because(failures: Vec<Failure>) -> io::Error {
    failures.into_iter().next_back().map_or_else(|| io::ErrorKind::Other.into(), Failure::into_error)
}

/// The master copy. The first call that succeeds makes it, and it is kept. This part of it was compared.
pub(crate) fn master<S: System>(part: usize) -> Result<&'static Master, Error> {
    static MASTER: MadeOnce<Master> = MadeOnce::new();

    let master = MASTER.get_or_make(|| find::<S>(part))?;
    master.compare(part)?;
    Ok(master)
}

/// Tries the sources in order. It uses no tables that a tool has changed since they were linked.
fn find<S: System>(part: usize) -> Result<Master, Error> {
    if arch::tables().addr() % page_bytes()? != 0 {
        return Err(Error::Rewritten);
    }
    let mut failures = Vec::new();
    for source in source::in_order().filter(|source| S::SOURCES.contains(source)) {
        let failed = match S::map(source, Linked::tables(part), At::anywhere(S::protection())) {
            Ok(code) => return Ok(Master { source, failures, code, compared: AtomicUsize::new(1 << part) }),
            Err(failed) => failed,
        };
        // Either the file is another, or a tool has changed this program.
        let is_other = |failure: &Failure| matches!(failure, Failure::Differs { .. } | Failure::NotKept);
        if failed.iter().any(is_other) && is_rewritten::<S>(part) {
            return Err(Error::Rewritten);
        }
        // A lack of memory or mappings is not the source's fault. No other source needs less, and some leave more to
        // undo.
        let is_at_limit = failed.iter().any(Failure::is_out_of_memory);
        failures.extend(failed.into_iter().map(|failure| Attempt { source, failure }));
        if is_at_limit {
            break;
        }
    }
    Err(Error::NoSource(failures))
}

/// Whether the linked tables themselves are not what was assembled.
fn is_rewritten<S: System>(part: usize) -> bool {
    S::linked_bytes().is_ok_and(|linked| !Linked::tables(part).is_in(&linked))
}

#[cfg(all(test, target_os = "linux"))] // of whose files and mappings the tests know
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use std::process::exit;

    use super::*;
    use crate::alone::alone_in;
    use crate::arch::geometry::Table;
    use crate::map::here::{find, linked_bytes};

    #[test]
    fn tables_are_refused_for_any_bit() {
        let linked = linked_bytes().expect("readable");
        let mut tables = linked.to_vec();
        for part in 0..PARTS {
            assert!(Linked::tables(part).is_in(&tables));
        }
        for table in Table::all() {
            let start = table.linked_offset();
            for thunk in [0, 1, 17, arch::TABLE_BYTES / table.stride() - 1] {
                for bit in 0..8 * table.stride() {
                    let byte = start + thunk * table.stride() + bit / 8;
                    tables[byte] ^= 1 << (bit % 8);
                    assert!(!Linked::tables(table.part()).is_in(&tables), "{table:?}, thunk {thunk}, bit {bit}");
                    tables[byte] ^= 1 << (bit % 8);
                }
            }
            // All of them were changed to lead elsewhere.
            for byte in &mut tables[start..start + arch::TABLE_BYTES] {
                *byte = byte.wrapping_add(1);
            }
            assert!(!Linked::tables(table.part()).is_in(&tables), "{table:?}");
            tables.copy_from_slice(&linked);
        }
    }

    /// A copy of this program with one byte of the tables changed.
    fn rewritten_program() -> PathBuf {
        let own = std::env::current_exe().expect("the program's own path");
        let mapping = find(arch::tables().addr()).expect("mapped from a file");
        let offset = usize::try_from(mapping.offset).expect("small") + arch::tables().addr() - mapping.start;
        let mut bytes = fs::read(&own).expect("this program");
        bytes[offset + Table::of(0).linked_offset() + arch::TABLE_BYTES / 2 + 1] ^= 4;
        let path = std::env::temp_dir().join(format!("tramp-rewritten-{}", std::process::id()));
        fs::write(&path, bytes).expect("a writable folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("its owner's");
        path
    }

    #[test]
    fn a_rewritten_program_is_told_so() {
        const CHILD: &str = "TRAMP_TEST_REWRITTEN";
        if std::env::var_os(CHILD).is_some() {
            let refused = matches!(crate::map::master(), Err(Error::Rewritten));
            exit(if refused && matches!(crate::map::region(0), Err(Error::Rewritten)) { 7 } else { 1 });
        }
        let program = rewritten_program();
        let child = alone_in(&program, module_path!(), "a_rewritten_program_is_told_so").env(CHILD, "1").output();
        fs::remove_file(&program).expect("made above");
        assert_eq!(child.expect("a child").status.code(), Some(7));
    }
}
