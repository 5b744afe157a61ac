//! The sources, and the steps at which each can fail.

use core::fmt;
#[cfg(feature = "std")]
use std::{io, path::PathBuf};

#[cfg(feature = "std")]
/// A source of code tables that was tried in vain.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Where the table was to come from.
    pub source: Source,
    /// The step that failed.
    pub failure: Failure,
}

/// Where a copy of the code tables can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The program's or library's own file, opened, compared and mapped again. Nothing is created. On Windows it is the
    /// only source, and is used when the linked tables have no slot left. Not on Apple's systems.
    File,
    /// The program's or library's own pages, duplicated: no file is opened. Linux 5.13 and later, NetBSD, and Apple's
    /// systems, which have no other; such tables are as private as the text itself: see [security](crate::security).
    Text,
    /// A sealed copy in a file that exists in memory alone. Linux.
    Memfd,
    /// A copy in an unnamed file, in the first of `$XDG_RUNTIME_DIR`, `$TMPDIR`, `/tmp`, `/var/tmp`, `/dev/shm` and
    /// `$HOME` that allows it.
    Temporary,
}

#[cfg(feature = "std")]
/// The step at which a [`Source`] failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The list of the process's mappings, or on Windows the module's path, cannot be read.
    ReadMappings(io::Error),
    /// The text is execute-only and cannot be read by way of /proc/self/mem either, so nothing can be compared with the
    /// linked tables.
    Unreadable(io::Error),
    /// The tables lie in no file that the list of mappings names.
    NotInAFile,
    /// The file cannot be opened.
    Open {
        /// Its name.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The file at that path is no longer the one that the program was loaded from.
    Replaced {
        /// Its name.
        path: PathBuf,
    },
    /// The file cannot be mapped executable: a `noexec` mount or a security policy.
    Map {
        /// Its name.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The pages cannot be duplicated: a kernel before 5.13, or sealed text.
    Duplicate(io::Error),
    /// The system says that it duplicates pages, and moves them.
    NotKept,
    /// A file in memory cannot be made, sealed, or mapped executable.
    Memfd(io::Error),
    /// No file can be created or written in that directory.
    Create {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The mapped bytes are not the ones that were linked. They were unmapped without being run.
    Differs {
        /// The file's name.
        path: PathBuf,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Text => "text",
            Self::Memfd => "memfd",
            Self::Temporary => "temporary file",
        })
    }
}

#[cfg(feature = "std")]
impl Failure {
    /// Whether the process lacks memory or mappings, and not this source something of its own.
    #[cfg(feature = "mapped")]
    #[allow(dead_code, reason = "for systems with more than one source")]
    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.error().is_some_and(|error| error.kind() == io::ErrorKind::OutOfMemory)
    }

    /// Whether the process or the system was out of something that it may have again: descriptors, room on a disk.
    #[cfg(feature = "capi")]
    pub(crate) fn is_passing(&self) -> bool {
        use io::ErrorKind::{Interrupted, QuotaExceeded, StorageFull, WouldBlock};
        // The same numbers on every Unix.
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        let Some(error) = self.error() else { return false };
        matches!(error.kind(), Interrupted | QuotaExceeded | StorageFull | WouldBlock)
            || matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
    }

    /// The system's reason; or, if it is not the system that refused, this failure as one.
    #[cfg(feature = "mapped")]
    #[allow(dead_code, reason = "for systems with more than one source")]
    pub(crate) fn into_error(self) -> io::Error {
        match self {
            Self::ReadMappings(error)
            | Self::Unreadable(error)
            | Self::Duplicate(error)
            | Self::Memfd(error)
            | Self::Open { error, .. }
            | Self::Map { error, .. }
            | Self::Create { error, .. } => error,
            other => io::Error::other(other.to_string()),
        }
    }

    /// The system's reason, if it is the system that refused.
    pub(crate) fn error(&self) -> Option<&io::Error> {
        match self {
            Self::ReadMappings(error)
            | Self::Unreadable(error)
            | Self::Duplicate(error)
            | Self::Memfd(error)
            | Self::Open { error, .. }
            | Self::Map { error, .. }
            | Self::Create { error, .. } => Some(error),
            Self::NotInAFile | Self::Replaced { .. } | Self::NotKept | Self::Differs { .. } => None,
        }
    }
}

#[cfg(feature = "std")]
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadMappings(error) => write!(f, "the process's mappings cannot be read: {error}"),
            Self::Unreadable(error) => write!(f, "the text is execute-only and cannot be read: {error}"),
            Self::NotInAFile => f.write_str("the tables lie in no file that the list of mappings names"),
            Self::Open { path, error } => write!(f, "{} cannot be opened: {error}", path.display()),
            Self::Replaced { path } => {
                write!(f, "{} is not the file that the program was loaded from", path.display())
            }
            Self::Map { path, error } => write!(f, "{} cannot be mapped executable: {error}", path.display()),
            Self::Duplicate(error) => write!(f, "the pages cannot be duplicated: {error}"),
            Self::NotKept => f.write_str("the system moves the pages that it is asked to duplicate"),
            Self::Memfd(error) => write!(f, "a sealed file in memory cannot be had or mapped: {error}"),
            Self::Create { path, error } => write!(f, "no file can be made in {}: {error}", path.display()),
            Self::Differs { path } => write!(f, "{} does not hold the linked tables", path.display()),
        }
    }
}
