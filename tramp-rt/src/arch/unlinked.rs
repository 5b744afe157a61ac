//! No thunks, for want of them on this processor or in this object format: trampolines are direct, or an error that says
//! so before any of this is reached.

use super::REGISTERS;

pub(crate) const SUPPORTED: bool = false;

pub(crate) const COPIES: usize = 1;

#[allow(dead_code, reason = "not every system asks")]
pub(crate) const LARGEST_PAGE_BYTES: usize = super::PAGE_BYTES;

pub(crate) const fn distance() -> usize {
    0
}

#[allow(dead_code, reason = "not every system asks")]
pub(crate) fn tables() -> *const u8 {
    unreachable!("no table is linked")
}

pub(crate) fn stack_routine() -> *const () {
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

pub(crate) fn settle(_word: core::mem::MaybeUninit<*mut ()>) -> *mut () {
    unreachable!("nothing is mapped without tables")
}
