//! x86-64: the argument registers `rdi rsi rdx rcx r8 r9`.

macro_rules! assembly {
    () => {
        include_str!("../../asm/x86_64.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 6;

/// A landing pad and two instructions take as many bytes as a slot.
pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 16;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const THUNKS_CALL: bool = false;

/// The return address and `rbp`.
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

#[allow(dead_code, reason = "not every system asks")]
pub(crate) const LANDING_PADS: Option<LandingPads> = None;

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = ["rdi", "rsi", "rdx", "rcx", "r8", "r9"];

pub(crate) const CHAIN_REGISTERS: usize = 1;

/// psABI figure 3.4: `r10`.
#[cfg(feature = "capi")]
#[expect(clippy::unnecessary_wraps, reason = "other processors have no register for some users")]
pub(crate) fn chain(_user: Chain) -> Option<ChainPlace> {
    Some(ChainPlace::Register(0))
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // §3.2.3: eight floating-point numbers travel in xmm0 to xmm7.
    let ArgumentsBefore { registers, stack_words } = ArgumentsBefore::in_order(integers, REGISTERS);
    Some(ArgumentsBefore { registers, stack_words: stack_words.checked_add(floats.saturating_sub(8))? })
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}
