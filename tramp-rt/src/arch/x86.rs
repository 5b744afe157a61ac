//! i386: no argument registers, everything is on the stack.

macro_rules! assembly {
    () => {
        include_str!("../../asm/x86.s")
    };
}
pub(super) use assembly;

use super::LandingPads;

pub(crate) const REGISTERS: usize = 0;

pub(crate) const THUNK_BYTES: usize = 32;

/// The only size of page that Linux has on this processor.
pub(crate) const PAGE_BYTES: usize = 4 << 10;

pub(crate) const TABLE_BYTES: usize = 16 << 10;
pub(crate) const COPY_BYTES: usize = TABLE_BYTES;
pub(crate) const RUN_BYTES: usize = 4 << 10;
pub(crate) const DISTANCE: usize = 8 * COPY_BYTES;

/// No argument register is preserved by a call.
pub(crate) const SAVED_REGISTERS: usize = 0;

pub(crate) fn saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

#[allow(dead_code, reason = "not every system asks")]
pub(crate) const LANDING_PADS: Option<LandingPads> = None;
