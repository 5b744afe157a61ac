//! s390x: the argument registers `r2` to `r6`, the last of which a call preserves.

macro_rules! assembly {
    () => {
        include_str!("../../asm/s390x.s")
    };
}
pub(super) use assembly;

use super::LandingPads;

pub(crate) const REGISTERS: usize = 5;

pub(crate) const THUNK_BYTES: usize = 16;

/// The only size of page that Linux has on this processor.
pub(crate) const PAGE_BYTES: usize = 4 << 10;

pub(crate) const TABLE_BYTES: usize = 16 << 10;
pub(crate) const COPY_BYTES: usize = TABLE_BYTES;
pub(crate) const RUN_BYTES: usize = 4 << 10;
pub(crate) const DISTANCE: usize = 8 * COPY_BYTES;

/// `r6`, the last.
pub(crate) const SAVED_REGISTERS: usize = 1;

pub(crate) fn saved_register_routine() -> *const () {
    unsafe extern "C" {
        static tramp_rt_v0_stack_r6: u8;
    }
    (&raw const tramp_rt_v0_stack_r6).cast()
}

pub(crate) const LANDING_PADS: Option<LandingPads> = None;
