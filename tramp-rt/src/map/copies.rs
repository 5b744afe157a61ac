//! How much of a region's code is there.

/// Which copies of a table a new region has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "not every system makes both kinds of region")]
pub(crate) enum Copies {
    /// The first. Each other copy is made when somebody needs its slots.
    First,
    /// All.
    All,
}
