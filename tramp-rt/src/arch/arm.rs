//! arm: the argument registers `r0` to `r3`.

macro_rules! assembly {
    () => {
        include_str!("../../asm/arm.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 4;

pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 32;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const THUNKS_CALL: bool = false;

/// `r4` to `r7`, `fp` and `lr`.
pub(crate) const STACK_PUSHED_BYTES: usize = 24;
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
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = ["r0", "r1", "r2", "r3"];

pub(crate) const CHAIN_REGISTERS: usize = 1;

/// GCC and libffi use `ip`. LLVM uses it only with the soft-float convention. With the hard-float one, whose `CC_ARM_AAPCS_VFP`
/// names no register, LLVM passes `nest` as the first argument.
#[cfg(feature = "capi")]
pub(crate) fn chain(user: Chain) -> Option<ChainPlace> {
    match user {
        Chain::Gcc | Chain::Libffi => Some(ChainPlace::Register(0)),
        Chain::Llvm => None,
    }
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // §7.1.2: eight `double`s travel in d0 to d7. Further ones, and all of them without these registers, are aligned to
    // two words. Their number does not say how many words this skips.
    let in_registers = if cfg!(target_abi = "eabihf") { 8 } else { 0 };
    (floats <= in_registers).then(|| ArgumentsBefore::in_order(integers, REGISTERS))
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}
