//! A processor without thunks, or an object format for which this processor has none. No table is linked. So
//! trampolines are direct, and when direct slots run out, an error says so before any code here is reached.

use super::geometries::PAGE_BYTES;
use super::landing_pads::LandingPads;
#[cfg(feature = "capi")]
use super::place::{ArgumentsBefore, Chain, ChainPlace};

pub(crate) const SUPPORTED: bool = false;

pub(crate) const REGISTERS: usize = 0;
pub(crate) const SAVED_REGISTERS: usize = 0;
pub(crate) const THUNK_BYTES: usize = 16;
pub(crate) const PROTOCOL_BYTES: usize = 16;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const THUNKS_CALL: bool = false;
pub(crate) const STACK_PUSHED_BYTES: usize = 0;
pub(crate) const STACK_KEPT_BYTES: usize = 0;

pub(crate) fn saved_register_bytes(_arguments: usize) -> usize {
    unreachable!("there is no such register")
}

pub(crate) fn saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

pub(crate) const LANDING_PADS: Option<LandingPads> = None;

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = [];

pub(crate) const CHAIN_REGISTERS: usize = 0;

#[cfg(feature = "capi")]
pub(crate) fn chain(_user: Chain) -> Option<ChainPlace> {
    None
}

#[cfg(feature = "capi")]
pub(crate) fn arguments_before(_integers: usize, _floats: usize) -> Option<ArgumentsBefore> {
    None
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

pub(crate) const COPIES: usize = 1;

#[allow(dead_code, reason = "not every system asks")]
pub(crate) const LARGEST_PAGE_BYTES: usize = PAGE_BYTES;

pub(crate) const fn distance() -> usize {
    0
}

#[allow(dead_code, reason = "not every system asks")]
pub(crate) fn tables() -> *const u8 {
    unreachable!("no table is linked")
}

#[allow(dead_code, reason = "not every system asks")]
pub(crate) fn is_as_assembled(_part: usize, _bytes: &[u8]) -> bool {
    unreachable!("no table is linked")
}

/// The linked slots, for systems that link them.
#[allow(dead_code, reason = "not every system asks")]
pub(crate) fn slots() -> *mut u8 {
    unreachable!("no table is linked")
}

pub(crate) fn stack_routine() -> *const () {
    unreachable!("no slot is claimed")
}

pub(crate) fn spill_routine() -> *const () {
    unreachable!("no slot is claimed")
}

pub(crate) fn dynamic_routine() -> *const () {
    unreachable!("no slot is claimed")
}

#[cfg(feature = "capi")]
pub(crate) fn c_stack_routine() -> *const () {
    unreachable!("no slot is claimed")
}

#[expect(clippy::missing_safety_doc, reason = "documented once, in `linked`")]
pub(crate) unsafe fn call_marked(_function: *const (), _registers: &[usize; REGISTERS], _stack: &[usize]) {
    unreachable!("no signature is probed")
}
