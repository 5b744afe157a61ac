//! The sources, and the steps at which each can fail.

use core::fmt;
#[cfg(feature = "std")]
use std::{io, path::PathBuf};

#[cfg(feature = "std")]
/// A source of code tables that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The source that was tried.
    pub source: Source,
    /// The step that failed.
    pub failure: Failure,
}

/// A source from which the crate can copy its code tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The file of the program or library. The crate opens it, compares it and maps it again. It creates nothing.
    ///
    /// All systems have this source, except Apple's. On Windows it is the only one, and the crate uses it when the linked
    /// tables have no slot left.
    File,
    /// The pages of the program or library. The crate duplicates them and opens no file. Such tables are as private as the text
    /// itself: see [security](crate::security).
    ///
    /// Linux and Android with kernel 5.13 or later, NetBSD and Apple's systems have this source. On Apple's systems it is the
    /// only one.
    Text,
    /// A sealed copy in a file that exists only in memory.
    ///
    /// Only Linux and Android have this source.
    Memfd,
    /// A copy in an unnamed file, in the first of `$XDG_RUNTIME_DIR`, `$TMPDIR`, `/tmp`, `/var/tmp`, `/dev/shm` and
    /// `$HOME` that allows it.
    ///
    /// All systems have this source, except Windows and Apple's.
    Temporary,
}

#[cfg(feature = "std")]
/// The step at which a [`Source`] failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The list of the process's mappings cannot be read, or on Windows the path of the module.
    ReadMappings(io::Error),
    /// The text is execute-only and cannot be read by /proc/self/mem either. So there is nothing to write to a file, and a
    /// duplicate could not be compared.
    Unreadable(io::Error),
    /// The list of mappings names no file that contains the tables.
    NotInAFile,
    /// The file cannot be opened.
    Open {
        /// The path of the file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The file at this path is not the file that the program was loaded from.
    Replaced {
        /// The path of the file.
        path: PathBuf,
    },
    /// The file cannot be mapped executable, because of a `noexec` mount or a security policy.
    Map {
        /// The path of the file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The pages cannot be duplicated, because the kernel is older than 5.13 or the text is sealed.
    Duplicate(io::Error),
    /// The system moves the pages that it should duplicate.
    NotKept,
    /// A file in memory cannot be made, sealed, or mapped executable.
    Memfd(io::Error),
    /// No file can be created or written in this directory.
    Create {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The mapped bytes are not the ones that were linked. The crate has unmapped them without running them.
    Differs {
        /// The path of the file.
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
    /// Whether the process lacks memory or mappings, which is not the fault of this source.
    #[cfg(feature = "mapped")]
    #[allow(dead_code, reason = "for systems with more than one source")]
    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.error().is_some_and(|error| error.kind() == io::ErrorKind::OutOfMemory)
    }

    /// Whether the process or the system lacks something that it may have again later: descriptors or disk space.
    #[cfg(feature = "capi")]
    pub(crate) fn is_passing(&self) -> bool {
        use io::ErrorKind::{Interrupted, QuotaExceeded, StorageFull, WouldBlock};
        // The numbers are the same on every Unix.
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        let Some(error) = self.error() else { return false };
        matches!(error.kind(), Interrupted | QuotaExceeded | StorageFull | WouldBlock)
            || matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
    }

    /// The system's reason. If the system has not refused anything, it is this failure.
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

    /// The system's reason, if the system has refused something.
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
