//! Which sources of tables are allowed, and in what order they are tried.

use core::fmt;

use super::types::Source;
use crate::sync::{AtomicUsize, Ordering};

/// The sources in order, four bits each from the lowest, ended by 0; and [`IN_USE`].
static ORDER: AtomicUsize = AtomicUsize::new(pack(&ALL));

/// No other order can be set any more.
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

/// Sets which sources of code tables may be used, and in what order they are tried.
///
/// Unless this is called, all are: [`File`](Source::File), [`Text`](Source::Text), [`Memfd`](Source::Memfd),
/// [`Temporary`](Source::Temporary), each only if the ones before it fail. With none, trampolines are direct or an error.
/// A source that the system does not have is passed over.
///
/// A program that must not be seen opening or creating a file, because that is forbidden on pain of death, says so here
/// before it creates its first trampoline. Libraries leave the choice to the program.
///
/// # Examples
///
/// ```standalone_crate
/// use tramp_rt::{Source, set_sources};
///
/// set_sources(&[Source::File, Source::Text])?; // nothing is ever created, neither in memory nor on a disk
/// # Ok::<(), tramp_rt::SourcesInUse>(())
/// ```
///
/// # Errors
///
/// If a mapped trampoline was created or tried before, in any thread.
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

/// The sources in order. From now on they do not change.
#[cfg(feature = "mapped")]
#[allow(dead_code, reason = "not every system has several")]
pub(crate) fn in_order() -> impl Iterator<Item = Source> {
    let order = ORDER.fetch_or(IN_USE, Ordering::Relaxed);
    (0..ALL.len()).map_while(move |index| ALL.get((order >> (4 * index) & 15).wrapping_sub(1)).copied())
}

/// [`set_sources`] came too late: tables have been looked for.
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
        // The one order of this process, so all of it in one test. It ends as it began, for the other tests.
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
