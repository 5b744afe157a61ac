//! Landing pads: where the processor checks that an indirect call or jump arrives at one.

/// A processor feature that is switched on page by page.
#[allow(dead_code, reason = "few processors have one, and not every system knows how to ask")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct LandingPads {
    /// The bit of `AT_HWCAP2` that says whether processor and system have it.
    pub(crate) capability: usize,
    /// The bit of a mapping's protection that asks for it.
    pub(crate) protection: i32,
}
