//! powerpc64le, ELFv2: the argument registers `r3` to `r10`.

macro_rules! assembly {
    () => {
        include_str!("../../asm/powerpc64.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 8;

pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 32;
pub(crate) const CONTEXT_BYTES: usize = 32;
pub(crate) const THUNKS_CALL: bool = false;

/// Nothing: saved registers lie below the stack pointer.
pub(crate) const STACK_PUSHED_BYTES: usize = 0;
/// The header of a frame, with `r28` to `r31` at its upper end.
pub(crate) const STACK_KEPT_BYTES: usize = 64;

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
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] =
    ["r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10"];

pub(crate) const CHAIN_REGISTERS: usize = 0;

/// §2.2.1: `r11`, in which the protocol passes the context as well.
#[cfg(feature = "capi")]
#[expect(clippy::unnecessary_wraps, reason = "other processors have no register for some users")]
pub(crate) fn chain(_user: Chain) -> Option<ChainPlace> {
    Some(ChainPlace::Protocol)
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // §2.2.4: every argument has its doubleword in the parameter save area. The first eight doublewords also have
    // registers, whatever their type is. The bytes on the stack are counted from the beginning of that area.
    let words = floats.checked_add(integers)?;
    Some(ArgumentsBefore { registers: words.min(REGISTERS), stack_words: words })
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}
