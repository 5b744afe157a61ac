//! What can fail when a trampoline is created.

use core::fmt;
#[cfg(feature = "std")]
use std::io;

#[cfg(feature = "std")]
use crate::source::Attempt;

/// Why no trampoline could be had.
///
/// No failure is remembered: when the cause is gone, the next attempt succeeds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Every direct slot is taken, and this build has no mapped tables beyond them.
    Unsupported(Unsupported),
    /// The heap has no room for the closure.
    Heap {
        /// What was asked for.
        bytes: usize,
    },
    /// The compiler passes the extra argument of this signature in a place that no thunk can fill.
    NoPlace,
    /// The linked code tables are not where or not what they were assembled to be: a tool has changed the program since, as
    /// BOLT does. Nothing of them was run. See [the guide](crate::guide::faq#the-code-tables-in-the-program-were-moved-or-changed).
    Rewritten,
    /// The system's pages are larger than the tables were linked for.
    PageSize {
        /// The system's page.
        system_bytes: usize,
        /// The largest page that the tables are aligned to.
        table_bytes: usize,
    },
    #[cfg(feature = "std")]
    /// No copy of the code tables could be made. Each source that was tried is listed, in order.
    NoSource(Vec<Attempt>),
    #[cfg(feature = "std")]
    /// The system has no address space for another table, or refuses to guard it.
    Reserve(io::Error),
    #[cfg(feature = "std")]
    /// The system refuses to place another copy of a code table: mostly the limit on mappings, `vm.max_map_count`.
    Copy(io::Error),
    #[cfg(feature = "std")]
    /// The system refuses to make slots read-only, or writable for the moment in which one is bound.
    Protect(io::Error),
}

/// What a build lacks for mapped tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// There are no thunks for this processor.
    Processor,
    /// There is no way to map tables on this system.
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

/// A failed creation, with the closure that it was for.
///
/// `?` turns it into an [`Error`] where the closure does not matter.
pub struct CreateError<F> {
    /// The closure, unharmed and never called.
    pub closure: F,
    /// What failed.
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
