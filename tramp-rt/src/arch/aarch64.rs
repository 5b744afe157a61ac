//! aarch64: the argument registers `x0` to `x7`.

macro_rules! assembly {
    () => {
        include_str!("../../asm/aarch64.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 8;

pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 32;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const THUNKS_CALL: bool = false;

/// `x29` and `x30`.
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

/// `HWCAP2_BTI` and `PROT_BTI`: Linux, Documentation/arch/arm64/elf_hwcaps.rst and arch/arm64/include/uapi/asm/mman.h.
pub(crate) const LANDING_PADS: Option<LandingPads> = Some(LandingPads { capability: 1 << 17, protection: 0x10 });

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = ["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"];

pub(crate) const CHAIN_REGISTERS: usize = 2;

/// AAPCS64 §6.1.1 has no such register. GCC and libffi chose `x18`, the platform register. LLVM uses `x15` from version 21 on.
#[cfg(feature = "capi")]
pub(crate) fn chain(user: Chain) -> Option<ChainPlace> {
    match user {
        Chain::Gcc | Chain::Libffi => Some(ChainPlace::Register(0)),
        Chain::Llvm => Some(ChainPlace::Register(1)),
    }
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // §6.8.2: eight floating-point numbers in v0 to v7.
    let ArgumentsBefore { registers, stack_words } = ArgumentsBefore::in_order(integers, REGISTERS);
    Some(ArgumentsBefore { registers, stack_words: stack_words.checked_add(floats.saturating_sub(8))? })
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}
