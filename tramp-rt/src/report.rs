//! What tables and the system report, for [`diagnostics`](crate::diagnostics).

/// The number of mapped slots. Other threads may create and drop trampolines during the count. Each slot is counted in
/// one of the first three fields, by its state at the moment when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Slots {
    /// Slots of live trampolines.
    pub live: usize,
    /// Slots of dropped trampolines. A call of one ends the process with a message.
    pub free: usize,
    /// Slots that no trampoline has used yet.
    pub unused: usize,
    /// How many free slots this thread keeps for itself, so that they are not used again too soon. Only other threads
    /// know how many they keep.
    pub resting: usize,
}

/// A feature or setting of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// Whether it is on, or its value.
    pub state: String,
}
