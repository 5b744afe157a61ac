//! What ELF and Mach-O have in common: only the tables are linked, and [mapped again](crate::map) beside slots that are
//! memory of their own.

use crate::arch::{COPY_BYTES, DISTANCE};

/// How many copies stand in a region.
pub(crate) const COPIES: usize = DISTANCE / COPY_BYTES;

const _: () = assert!(DISTANCE % COPY_BYTES == 0);

/// How far behind a thunk its slot is.
pub(crate) const fn distance() -> usize {
    DISTANCE
}

unsafe extern "C" {
    pub(in crate::arch) static tramp_rt_v0_tables: u8;
    pub(in crate::arch) static tramp_rt_v0_stack: u8;
    pub(in crate::arch) fn tramp_rt_v0_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}
