//! riscv64: the argument registers `a0` to `a7`.

macro_rules! assembly {
    () => {
        include_str!("../../asm/riscv64.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 8;

pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 16;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const THUNKS_CALL: bool = false;

/// `ra` and `s0`.
pub(crate) const STACK_PUSHED_BYTES: usize = 16;
pub(crate) const STACK_KEPT_BYTES: usize = 0;

/// A call preserves no argument register.
pub(crate) const SAVED_REGISTERS: usize = 0;

pub(crate) fn saved_register_bytes(_arguments: usize) -> usize {
    unreachable!("there is no such register")
}

pub(crate) fn saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

pub(crate) const LANDING_PADS: Option<LandingPads> = None;

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = ["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"];

pub(crate) const CHAIN_REGISTERS: usize = 1;

/// psABI "Integer Register Convention": `t2`.
#[cfg(feature = "capi")]
#[expect(clippy::unnecessary_wraps, reason = "other processors have no register for some users")]
pub(crate) fn chain(_user: Chain) -> Option<ChainPlace> {
    Some(ChainPlace::Register(0))
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // "Hardware Floating-point Calling Convention": eight numbers travel in fa0 to fa7. Further ones travel as integers
    // do.
    Some(ArgumentsBefore::in_order(floats.saturating_sub(8).checked_add(integers)?, REGISTERS))
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}
