//! s390x: the argument registers `r2` to `r6`. A call preserves the last one.

macro_rules! assembly {
    () => {
        include_str!("../../asm/s390x.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 5;

pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 16;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const THUNKS_CALL: bool = false;

/// Nothing: saved registers lie in the caller's frame.
pub(crate) const STACK_PUSHED_BYTES: usize = 0;
/// The save area for the handler.
pub(crate) const STACK_KEPT_BYTES: usize = 160;

/// `r6`, the last one.
pub(crate) const SAVED_REGISTERS: usize = 1;

/// The most that arguments can take on the stack while `r6` is free. §1.2.5: integers are not on the stack then, and
/// the largest argument by value is a vector.
pub(crate) fn saved_register_bytes(arguments: usize) -> usize {
    arguments * 16
}

pub(crate) fn saved_register_routine() -> *const () {
    unsafe extern "C" {
        #[link_name = symbol!("_stack_r6")]
        static tramp_rt_stack_r6: u8;
    }
    (&raw const tramp_rt_stack_r6).cast()
}

pub(crate) const LANDING_PADS: Option<LandingPads> = None;

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = ["r2", "r3", "r4", "r5"];

pub(crate) const CHAIN_REGISTERS: usize = 0;

/// GCC and libffi use `r0`, in which the protocol passes the context as well. LLVM passes `nest` as the first
/// argument.
#[cfg(feature = "capi")]
pub(crate) fn chain(user: Chain) -> Option<ChainPlace> {
    match user {
        Chain::Gcc | Chain::Libffi => Some(ChainPlace::Protocol),
        Chain::Llvm => None,
    }
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // §1.2.5: four floating-point numbers travel in f0, f2, f4 and f6.
    let ArgumentsBefore { registers, stack_words } = ArgumentsBefore::in_order(integers, REGISTERS);
    Some(ArgumentsBefore { registers, stack_words: stack_words.checked_add(floats.saturating_sub(4))? })
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unsafe extern "C" {
        #[link_name = symbol!("_c_stack_r6")]
        static tramp_rt_c_stack_r6: u8;
    }
    (&raw const tramp_rt_c_stack_r6).cast()
}
