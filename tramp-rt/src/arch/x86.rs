//! i386: there are no argument registers. All arguments are on the stack.

macro_rules! assembly {
    () => {
        include_str!("../../asm/x86.s")
    };
}
pub(super) use assembly;

use crate::arch::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use crate::arch::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const REGISTERS: usize = 0;

pub(crate) const THUNK_BYTES: usize = 32;
pub(crate) const PROTOCOL_BYTES: usize = 32;
pub(crate) const CONTEXT_BYTES: usize = 32;
/// A helper tells thunks their address.
pub(crate) const THUNKS_CALL: bool = true;

/// The return address, `ebp`, `ebx`, `esi`, `edi` and the byte count.
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

#[allow(dead_code, reason = "not every system asks")]
pub(crate) const LANDING_PADS: Option<LandingPads> = None;

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = [];

pub(crate) const CHAIN_REGISTERS: usize = 1;

/// GCC, LLVM and libffi use `ecx`.
#[cfg(feature = "capi")]
#[expect(clippy::unnecessary_wraps, reason = "other processors have no register for some users")]
pub(crate) fn chain(_user: Chain) -> Option<ChainPlace> {
    Some(ChainPlace::Register(0))
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(integers: usize, floats: usize) -> Option<ArgumentsBefore> {
    // §2.2.3: a `double` is two words.
    Some(ArgumentsBefore::in_order(floats.checked_mul(2)?.checked_add(integers)?, REGISTERS))
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

// The functions for misuse of the protocol's slots. The protocol's thunk leaves the stack two words lower than a call
// would, and compilers rely on the alignment after a call.
#[cfg(feature = "capi")]
core::arch::global_asm!(
    ".pushsection .tramp_rt, \"ax\", %progbits",
    ".hidden {tramp}_c_freed",
    ".globl {tramp}_c_freed",
    ".type {tramp}_c_freed, %function",
    "{tramp}_c_freed:",
    "endbr32",
    "add esp, 8",
    "jmp {freed}",
    ".size {tramp}_c_freed, . - {tramp}_c_freed",
    ".hidden {tramp}_c_unset",
    ".globl {tramp}_c_unset",
    ".type {tramp}_c_unset, %function",
    "{tramp}_c_unset:",
    "endbr32",
    "add esp, 8",
    "jmp {unset}",
    ".size {tramp}_c_unset, . - {tramp}_c_unset",
    ".popsection",
    tramp = sym crate::arch::symbol::tramp_rt,
    freed = sym crate::misuse::called_after_free,
    unset = sym crate::misuse::called_before_set,
);

#[cfg(feature = "capi")]
unsafe extern "C" {
    #[link_name = symbol!("_c_freed")]
    static tramp_rt_c_freed: u8;
    #[link_name = symbol!("_c_unset")]
    static tramp_rt_c_unset: u8;
}

#[cfg(feature = "capi")]
pub(crate) fn protocol_freed() -> *const () {
    (&raw const tramp_rt_c_freed).cast()
}

#[cfg(feature = "capi")]
pub(crate) fn protocol_unset() -> *const () {
    (&raw const tramp_rt_c_unset).cast()
}
