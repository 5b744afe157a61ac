//! What a call of a prototype has to know.

use alloc::boxed::Box;

use super::types::Type;
use crate::arch::dynamic::Place;

/// The types of a prototype, with the place of each argument.
pub(super) struct Plan {
    pub(super) arguments: Box<[(Type, Place)]>,
    pub(super) result: Type,
    /// How many floating-point registers have an argument.
    pub(super) float_registers: u32,
}
