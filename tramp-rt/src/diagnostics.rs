//! The report that a bug report begins with.

use core::fmt;

use crate::claim::direct;
use crate::error::Error;
use crate::report::{Feature, Slots};
use crate::signature::DIRECT_MAX;
use crate::source::{Attempt, Source};

/// The state of this process's trampolines, and the facts of the system that they depend on. Its `Display` is a report of about
/// a dozen lines.
///
/// # Examples
///
/// ```
/// println!("{}", tramp_rt::diagnostics());
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Diagnostics {
    /// The version of this crate.
    pub version: &'static str,
    /// The processor that the crate was compiled for.
    pub processor: &'static str,
    /// The operating system and its version.
    pub system: String,
    /// The size of the system's pages, if tables can be mapped with that size.
    pub page_bytes: Option<usize>,
    /// The source of the code tables, or the reason why there are none.
    pub source: Result<Source, Error>,
    /// The sources that were tried before the one in use.
    pub failures: &'static [Attempt],
    /// The number of regions of mapped slots.
    pub regions: usize,
    /// The mapped slots in them.
    pub slots: Slots,
    /// The number of direct slots that are taken.
    pub direct_live: usize,
    /// The number of direct slots.
    pub direct_slots: usize,
    /// Features and settings of the system that matter to mapped tables.
    pub features: Vec<Feature>,
}

/// Reports the state of this process's trampolines, and the facts of the system that they depend on.
///
/// If no code table is mapped yet, this maps the first one to find out its source. It makes several system calls that a
/// sandbox may forbid. It takes time in proportion to the number of slots.
///
/// # Examples
///
/// ```
/// println!("{}", tramp_rt::diagnostics());
/// ```
pub fn diagnostics() -> Diagnostics {
    let Tables { source, failures, page_bytes, regions, slots, system, features } = tables();
    Diagnostics {
        version: env!("CARGO_PKG_VERSION"),
        processor: std::env::consts::ARCH,
        system,
        page_bytes,
        source,
        failures,
        regions,
        slots,
        direct_live: direct::live(),
        direct_slots: DIRECT_MAX,
        features,
    }
}

/// The part that a build without mapped tables lacks.
struct Tables {
    source: Result<Source, Error>,
    failures: &'static [Attempt],
    page_bytes: Option<usize>,
    regions: usize,
    slots: Slots,
    system: String,
    features: Vec<Feature>,
}

#[cfg(feature = "mapped")]
fn tables() -> Tables {
    use crate::{map, table};

    let (source, failures) = match table::supported().and_then(|()| map::master()) {
        Ok(master) => (Ok(master.source), &master.failures[..]),
        Err(error) => (Err(error), &[][..]),
    };
    let (regions, slots) = table::census::census();
    let page_bytes = map::page_bytes().ok();
    Tables { source, failures, page_bytes, regions, slots, system: map::system(), features: map::features() }
}

#[cfg(not(feature = "mapped"))]
fn tables() -> Tables {
    Tables {
        source: Err(Error::Unsupported(crate::error::Unsupported::Feature)),
        failures: &[],
        page_bytes: None,
        regions: 0,
        slots: Slots::default(),
        system: std::env::consts::OS.into(),
        features: Vec::new(),
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, processor, system, slots, .. } = self;
        writeln!(f, "tramp-rt {version} on {processor}, {system}")?;
        match self.page_bytes {
            Some(bytes) => writeln!(f, "page: {bytes} bytes")?,
            None => writeln!(f, "page: not one that tables can be mapped with")?,
        }
        for Attempt { source, failure } in self.failures {
            writeln!(f, "source tried: {source}: {failure}")?;
        }
        match &self.source {
            Ok(source) => writeln!(f, "source in use: {source}")?,
            Err(error) => writeln!(f, "source in use: none: {error}")?,
        }
        let Slots { live, free, unused, resting } = slots;
        writeln!(f, "direct slots: {} live of {}", self.direct_live, self.direct_slots)?;
        writeln!(f, "mapped slots: {live} live, {free} free ({resting} resting in this thread), {unused} unused")?;
        write!(f, "regions: {}", self.regions)?;
        for Feature { name, state } in &self.features {
            write!(f, "\n{name}: {state}")?;
        }
        Ok(())
    }
}
