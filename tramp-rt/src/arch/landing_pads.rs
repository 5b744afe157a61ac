//! Landing pads: on some processors, an indirect call or jump has to arrive at one.

/// A processor feature that each page switches on.
#[allow(dead_code, reason = "few processors have one, and not every system knows how to ask")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct LandingPads {
    /// The bit of `AT_HWCAP2` that says whether the processor and the system have it.
    pub(crate) capability: usize,
    /// The bit in a mapping's protection that switches it on.
    pub(crate) protection: i32,
}
