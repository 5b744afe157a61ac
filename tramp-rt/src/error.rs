//! What can fail when a trampoline is created.

use core::fmt;
#[cfg(feature = "std")]
use std::io;

#[cfg(feature = "std")]
use crate::source::Attempt;

/// Why a trampoline could not be created.
///
/// Each variant says what to do about it. The crate does not remember failures: when the cause is gone, the next attempt
/// succeeds. The closure is in [`CreateError::closure`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Every direct slot is taken, and this build has no mapped tables beyond them.
    ///
    /// **Remedy:** if the feature `mapped` is off, switch it on. Otherwise keep fewer trampolines alive at once. With
    /// [`direct = 8`](macro@crate::trampoline#arguments) a closure type can use all eight direct slots.
    Unsupported(Unsupported),
    /// The heap has no room for the closure.
    ///
    /// **Remedy:** free memory and try again, or capture less. A lent closure needs no heap.
    Heap {
        /// The size of the allocation that failed.
        bytes: usize,
    },
    /// The compiler passes one more argument of this signature in a place that no thunk can fill.
    ///
    /// **Remedy:** use direct slots only, as for [`Unsupported`](Self::Unsupported). If C offers user data, use
    /// [`UserData`](crate::UserData), which needs no slot.
    NoPlace,
    /// A tool such as BOLT has moved or changed the code tables after the program was linked. Nothing of them was run.
    ///
    /// **Remedy:** [tell the tool to skip the tables](crate::guide::faq#the-code-tables-in-the-program-were-moved-or-changed).
    Rewritten,
    /// The system's pages are larger than the tables were linked for.
    ///
    /// **Remedy:** use a kernel with smaller pages, or direct slots only, as for [`Unsupported`](Self::Unsupported).
    PageSize {
        /// The size of the system's pages.
        system_bytes: usize,
        /// The size of the largest page that the tables are aligned to.
        table_bytes: usize,
    },
    #[cfg(feature = "std")]
    /// No source of code tables works. The attempts are in the order in which they were made.
    ///
    /// **Remedy:** each [`Failure`](crate::Failure) names its step. Allow one of the sources in the sandbox or the security
    /// policy, or call [`reserve`](crate::Trampoline::reserve) before the program enters the sandbox. If the list is empty,
    /// [`set_sources`](crate::set_sources) has excluded all sources.
    NoSource(Vec<Attempt>),
    #[cfg(feature = "std")]
    /// The system has no address space for another table, or refuses to guard it.
    ///
    /// **Remedy:** raise the limit on address space, `ulimit -v`, or drop trampolines. Their slots are used again.
    Reserve(io::Error),
    #[cfg(feature = "std")]
    /// The system refuses to place another copy of a code table.
    ///
    /// **Remedy:** on Linux the usual cause is the limit on mappings: raise `vm.max_map_count`, or drop trampolines. Their
    /// slots are used again.
    Copy(io::Error),
    #[cfg(feature = "std")]
    /// The system refuses to make slots read-only, or to make them writable while one is bound.
    ///
    /// **Remedy:** allow `mprotect(2)` in the sandbox, or use [`new`](crate::Trampoline::new) instead of
    /// [`protected`](crate::Trampoline::protected).
    Protect(io::Error),
}

/// The reason why a build has no mapped tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// The crate has no thunks for this processor.
    Processor,
    /// The crate cannot map tables on this system.
    System,
    /// The crate was built without its feature `mapped`.
    Feature,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(lacking) => {
                let lacking = match lacking {
                    Unsupported::Processor => "this processor has none",
                    Unsupported::System => "this system has none",
                    Unsupported::Feature => "the feature `mapped` is off",
                };
                write!(f, "every direct slot is taken and there are no mapped tables: {lacking}")
            }
            Self::Heap { bytes } => write!(f, "the heap has no room for a closure of {bytes} bytes"),
            Self::NoPlace => f.write_str("the signature's context travels in a place that no thunk can fill"),
            Self::Rewritten => f.write_str("the code tables in the program were moved or changed after it was linked"),
            Self::PageSize { system_bytes, table_bytes } => {
                write!(
                    f,
                    "the system's pages of {system_bytes} bytes are larger than the {table_bytes} the tables allow"
                )
            }
            #[cfg(feature = "std")]
            Self::NoSource(attempts) => {
                f.write_str("the code tables could not be mapped")?;
                if attempts.is_empty() {
                    f.write_str(": no source of them is allowed")?;
                }
                for (index, Attempt { source, failure }) in attempts.iter().enumerate() {
                    write!(f, "{} {source}: {failure}", if index == 0 { ':' } else { ';' })?;
                }
                Ok(())
            }
            #[cfg(feature = "std")]
            Self::Reserve(error) => write!(f, "no address space for another table: {error}"),
            #[cfg(feature = "std")]
            Self::Copy(error) => write!(f, "another copy of a code table was refused: {error}"),
            #[cfg(feature = "std")]
            Self::Protect(error) => write!(f, "slots cannot be made read-only or writable: {error}"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            #[cfg(feature = "std")]
            Self::Reserve(error) | Self::Copy(error) | Self::Protect(error) => Some(error),
            #[cfg(feature = "std")]
            Self::NoSource(attempts) => attempts.last()?.failure.error().map(|error| error as _),
            _ => None,
        }
    }
}

/// The error of a constructor. It contains the closure.
///
/// If you do not need the closure, `?` converts this to an [`Error`].
pub struct CreateError<F> {
    /// The closure, unchanged and never called.
    pub closure: F,
    /// The cause.
    pub error: Error,
}

impl<F> fmt::Debug for CreateError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for CreateError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<F> core::error::Error for CreateError<F> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.error.source()
    }
}

impl<F> From<CreateError<F>> for Error {
    fn from(failed: CreateError<F>) -> Self {
        failed.error
    }
}
