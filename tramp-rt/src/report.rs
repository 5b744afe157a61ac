//! What tables and the system report for [`diagnostics`](crate::diagnostics).

/// Counts of mapped slots. Other threads may create and drop while they are counted. Each slot is in one of the first three
/// counts, as it was when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Slots {
    /// Slots of live trampolines.
    pub live: usize,
    /// Slots of dropped trampolines. A call of one aborts with a message.
    pub free: usize,
    /// Slots that no trampoline has used yet.
    pub unused: usize,
    /// Free slots that this thread holds back, so that they are not used again too soon. Only the other threads know how many
    /// they hold back.
    pub resting: usize,
}

/// A feature or setting of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// Whether the system has it, or how it is set.
    pub state: String,
}
