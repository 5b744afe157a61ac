//! What ELF and Mach-O have in common: only the tables are linked. They are [mapped again](crate::map) beside slots in
//! new memory.

use crate::arch::{COPY_BYTES, DISTANCE};

/// The number of copies in a region.
pub(crate) const COPIES: usize = DISTANCE / COPY_BYTES;

const _: () = assert!(DISTANCE % COPY_BYTES == 0);

/// The distance from a thunk to its slot.
pub(crate) const fn distance() -> usize {
    DISTANCE
}

/// Each table's pattern as it was assembled, one after the other: `PATTERN_BYTES` of constants.
#[allow(clippy::unnecessary_wraps, reason = "COFF has none")]
pub(in crate::arch) fn patterns() -> Option<*const u8> {
    Some(&raw const tramp_rt_patterns)
}

unsafe extern "C" {
    #[link_name = symbol!("_tables")]
    pub(in crate::arch) static tramp_rt_tables: u8;
    #[link_name = symbol!("_stack")]
    pub(in crate::arch) static tramp_rt_stack: u8;
    #[link_name = symbol!("_patterns")]
    static tramp_rt_patterns: u8;
    #[link_name = symbol!("_call_marked")]
    pub(in crate::arch) fn tramp_rt_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}
