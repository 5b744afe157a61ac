//! The sources of tables that are allowed, and the order in which they are tried.

use core::fmt;

use super::types::Source;
use crate::sync::{AtomicUsize, Ordering};

/// The sources in order, with four bits for each from the lowest, ended by 0. Plus [`IN_USE`].
static ORDER: AtomicUsize = AtomicUsize::new(pack(&ALL));

/// The order cannot change any more.
const IN_USE: usize = 1 << 31;

const ALL: [Source; 4] = [Source::File, Source::Text, Source::Memfd, Source::Temporary];

const fn pack(sources: &[Source]) -> usize {
    let (mut order, mut index) = (0, 0);
    while index < sources.len() {
        order |= (sources[index] as usize + 1) << (4 * index);
        index += 1;
    }
    order
}

/// Sets which sources of code tables the crate may use, and in which order it tries them.
///
/// By default the crate tries [`File`](Source::File), [`Text`](Source::Text), [`Memfd`](Source::Memfd) and
/// [`Temporary`](Source::Temporary), each only if the ones before it fail. If you pass none, only direct trampolines can be
/// created. The crate skips a source that the system does not have.
///
/// Call this before the first trampoline if a sandbox kills the process for opening or creating a file. Only programs should
/// call it; a library should leave the choice to the program.
///
/// # Examples
///
/// ```standalone_crate
/// use tramp_rt::{Source, set_sources};
///
/// // Creates no file, neither in memory nor on a disk.
/// set_sources(&[Source::File, Source::Text])?;
/// # Ok::<(), tramp_rt::SourcesInUse>(())
/// ```
///
/// # Errors
///
/// Returns an error if any thread has tried to create a mapped trampoline before.
pub fn set_sources(sources: &[Source]) -> Result<(), SourcesInUse> {
    let mut once = [Source::File; ALL.len()];
    let mut count = 0;
    for &source in sources {
        if !once[..count].contains(&source) {
            once[count] = source;
            count += 1;
        }
    }
    let order = pack(&once[..count]);
    let set = |now| (now & IN_USE == 0).then_some(order);
    ORDER.fetch_update(Ordering::Relaxed, Ordering::Relaxed, set).map(|_| ()).map_err(|_| SourcesInUse)
}

/// The sources in order. From now on, the order does not change.
#[cfg(feature = "mapped")]
#[allow(dead_code, reason = "not every system has several")]
pub(crate) fn in_order() -> impl Iterator<Item = Source> {
    let order = ORDER.fetch_or(IN_USE, Ordering::Relaxed);
    (0..ALL.len()).map_while(move |index| ALL.get((order >> (4 * index) & 15).wrapping_sub(1)).copied())
}

/// [`set_sources`] was called too late: the crate has looked for tables already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcesInUse;

impl fmt::Display for SourcesInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sources of code tables can only be set before the first of them is used")
    }
}

impl core::error::Error for SourcesInUse {}

#[cfg(all(test, feature = "mapped"))]
mod tests {
    use super::*;

    #[test]
    fn an_order_holds_each_source_once_until_it_is_used() {
        // The process has only one order, so one test covers everything. It leaves the order as it was, for the other
        // tests.
        let _ = set_sources(&[Source::Memfd, Source::Memfd, Source::File, Source::Memfd]).map(|()| {
            assert_eq!(ORDER.load(Ordering::Relaxed), 0x13);
            assert_eq!(set_sources(&ALL), Ok(()));
            assert_eq!(ORDER.load(Ordering::Relaxed), pack(&ALL));
        });
        assert!(in_order().eq(ALL));
        assert_eq!(set_sources(&[]), Err(SourcesInUse));
        assert!(in_order().eq(ALL));
    }
}
