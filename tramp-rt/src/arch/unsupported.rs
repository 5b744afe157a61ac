//! A processor without thunks.

use super::LandingPads;

pub(crate) const REGISTERS: usize = 0;
pub(crate) const SAVED_REGISTERS: usize = 0;
pub(crate) const THUNK_BYTES: usize = 2 * size_of::<usize>();
pub(crate) const PAGE_BYTES: usize = 64 << 10;
pub(crate) const TABLE_BYTES: usize = 64 << 10;
pub(crate) const COPY_BYTES: usize = TABLE_BYTES;
pub(crate) const RUN_BYTES: usize = 4 << 10;
pub(crate) const DISTANCE: usize = COPY_BYTES;

pub(crate) fn saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

pub(crate) const LANDING_PADS: Option<LandingPads> = None;
