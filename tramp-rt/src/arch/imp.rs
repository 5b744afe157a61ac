//! A processor without thunks.

#[path = "unlinked.rs"]
mod linked;
pub(crate) use self::linked::*;

use super::LandingPads;
#[cfg(feature = "capi")]
use super::Taken;

pub(crate) const REGISTERS: usize = 0;
pub(crate) const SAVED_REGISTERS: usize = 0;
pub(crate) const THUNK_BYTES: usize = 2 * size_of::<usize>();
pub(crate) const PROTOCOL_BYTES: usize = 16;
pub(crate) const CONTEXT_BYTES: usize = 16;
pub(crate) const PAGE_BYTES: usize = 64 << 10;
pub(crate) const TABLE_BYTES: usize = 64 << 10;
pub(crate) const COPY_BYTES: usize = TABLE_BYTES;
pub(crate) const RUN_BYTES: usize = 4 << 10;
#[allow(dead_code, reason = "not every system asks")]
pub(crate) const DISTANCE: usize = COPY_BYTES;

pub(crate) fn saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}

pub(crate) const LANDING_PADS: Option<LandingPads> = None;

#[cfg(feature = "capi")]
pub(crate) const REGISTER_NAMES: [&str; REGISTERS - SAVED_REGISTERS] = [];

#[cfg(feature = "capi")]
pub(crate) fn taken(_integers: usize, _floats: usize) -> Option<Taken> {
    None
}

#[cfg(feature = "capi")]
pub(crate) fn c_saved_register_routine() -> *const () {
    unreachable!("there is no such register")
}
