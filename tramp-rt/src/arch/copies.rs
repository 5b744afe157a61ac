//! What ELF and Mach-O have in common: only the tables are linked, and [mapped again](crate::map) beside slots that are
//! memory of their own.

use crate::arch::geometry::{PATTERN_BYTES, TABLES, linked_offset, pattern_bytes};
use crate::arch::{COPY_BYTES, DISTANCE, TABLE_BYTES};

/// How many copies stand in a region.
pub(crate) const COPIES: usize = DISTANCE / COPY_BYTES;

const _: () = assert!(DISTANCE % COPY_BYTES == 0);

/// How far behind a thunk its slot is.
pub(crate) const fn distance() -> usize {
    DISTANCE
}

/// Whether the tables are those that were assembled. A tool that takes them for functions (BOLT) moves them, and has them
/// lead to where the slots of the linked tables were.
pub(crate) fn are_as_assembled(tables: &[u8]) -> bool {
    // SAFETY: constants, which nothing writes.
    let mut patterns = unsafe { &tramp_rt_v0_patterns }.as_slice();
    (0..TABLES).all(|table| {
        let period = pattern_bytes(table);
        let (pattern, others) = patterns.split_at(period);
        patterns = others;
        let table = &tables[linked_offset(table)..][..TABLE_BYTES];
        table.starts_with(pattern) && table[period..] == table[..TABLE_BYTES - period]
    })
}

unsafe extern "C" {
    pub(in crate::arch) static tramp_rt_v0_tables: u8;
    pub(in crate::arch) static tramp_rt_v0_stack: u8;
    static tramp_rt_v0_patterns: [u8; PATTERN_BYTES];
    pub(in crate::arch) fn tramp_rt_v0_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}
