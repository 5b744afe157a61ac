//! The *master copy* of the linked tables, from which the copies in regions are made.
//!
//! It comes from the first source that works. A system that can duplicate a mapping needs no path and no descriptor for
//! further copies. Any other system uses the source again.
//!
//! Nothing here holds a lock. A thread that loses a race undoes its work.

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
use crate::sync::MadeOnce;

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
    /// Maps the copies of one part for a region, and replaces what is mapped there.
    ///
    /// # Safety
    /// `to` must begin `arch::COPIES * COPY_BYTES` bytes at a multiple of the page size. These bytes must belong to the
    /// caller, and nothing may refer to them. `part` must be a part of the tables.
    pub(super) unsafe fn fill<S: System>(&self, part: usize, to: *mut u8) -> io::Result<()> {
        let from = self.code.start().wrapping_add(part * arch::COPY_BYTES);
        let duplicated = (0..arch::COPIES).try_for_each(|copy| {
            let to = to.wrapping_add(copy * arch::COPY_BYTES);
            // SAFETY: the bytes at `to` belong to the caller, and nothing refers to them. The master is mapped as long
            // as the process lives.
            unsafe { S::duplicate(self.source, from, arch::COPY_BYTES, to) }
        });
        let Err(error) = duplicated else { return Ok(()) };
        if self.source == Source::Text {
            return Err(error);
        }
        // Duplication can fail. Filters forbid mremap(2), valgrind refuses an old size of 0, qemu-user refuses pages
        // larger than those of its own system, and some systems have no such call. Then the source of the master may
        // still be there.
        let linked = Linked::tables(&self.linked).part(part * arch::COPY_BYTES, arch::COPY_BYTES);
        // SAFETY: `to` begins this many bytes that belong to the caller, and nothing refers to them.
        let at = unsafe { At::over(to, arch::COPIES, S::protection()) };
        S::map(self.source, linked, at).map(|_| ()).map_err(|failures| match error.kind() {
            io::ErrorKind::Unsupported => because(failures),
            _ => error,
        })
    }
}

/// The system's reason for the last of several failures.
fn because(failures: Vec<Failure>) -> io::Error {
    failures.into_iter().next_back().map_or_else(|| io::ErrorKind::Other.into(), Failure::into_error)
}

/// The master copy. The first call that succeeds makes it, and it is kept.
pub(crate) fn master<S: System>() -> Result<&'static Master, Error> {
    static MASTER: MadeOnce<Master> = MadeOnce::new();

    MASTER.get_or_make(find::<S>)
}

/// Tries the sources in order. It uses no tables that a tool has changed since they were linked.
fn find<S: System>() -> Result<Master, Error> {
    if arch::tables().addr() % page_bytes()? != 0 {
        return Err(Error::Rewritten);
    }
    let mut failures = Vec::new();
    for source in source::in_order().filter(|source| S::SOURCES.contains(source)) {
        let made = S::linked_bytes().map_err(|failure| vec![failure]).and_then(|linked| {
            let code = S::map(source, Linked::tables(&linked), At::anywhere(S::protection()))?;
            // This compares the copy, because it has the linked bytes. The linked tables may be missing for a moment
            // (`linux/text.rs`).
            // SAFETY: the source has read the copy to compare it.
            let is_whole = arch::are_as_assembled(unsafe { code.bytes() });
            Ok((linked, code, is_whole))
        });
        let failed = match made {
            Ok((linked, code, true)) => return Ok(Master { source, failures, linked, code }),
            Ok((_, _, false)) => return Err(Error::Rewritten),
            Err(failed) => failed,
        };
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
        assert!(arch::are_as_assembled(&tables));
        for table in Table::all() {
            let start = table.linked_offset();
            for thunk in [0, 1, 17, arch::TABLE_BYTES / table.stride() - 1] {
                for bit in 0..8 * table.stride() {
                    let byte = start + thunk * table.stride() + bit / 8;
                    tables[byte] ^= 1 << (bit % 8);
                    assert!(!arch::are_as_assembled(&tables), "{table:?}, thunk {thunk}, bit {bit}");
                    tables[byte] ^= 1 << (bit % 8);
                }
            }
            // All of them were changed to lead elsewhere.
            for byte in &mut tables[start..start + arch::TABLE_BYTES] {
                *byte = byte.wrapping_add(1);
            }
            assert!(!arch::are_as_assembled(&tables), "{table:?}");
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
