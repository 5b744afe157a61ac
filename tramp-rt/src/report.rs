//! What tables and the system tell of themselves, for [`diagnostics`](crate::diagnostics).

/// Mapped slots, counted while other threads may create and drop: each is in one of the first three, as it was when it
/// was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Slots {
    /// Slots that trampolines have.
    pub live: usize,
    /// Slots that trampolines had. A call of one dies by name.
    pub free: usize,
    /// Slots that no trampoline had yet.
    pub unused: usize,
    /// How many of the free ones this thread holds back, lest they be used again too soon. What other threads hold back
    /// is known to them alone.
    pub resting: usize,
}

/// A feature or setting of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feature {
    /// What it is called.
    pub name: &'static str,
    /// Whether it is there, or how it is set.
    pub state: String,
}
