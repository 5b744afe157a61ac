//! What ELF and Mach-O have in common: only the tables are linked, and [mapped again](crate::map) beside slots that are
//! memory of their own.

use crate::arch;
use crate::arch::geometry::{PATTERN_BYTES, Table};

/// How many copies stand in a region.
pub(crate) const COPIES: usize = arch::DISTANCE / arch::COPY_BYTES;

const _: () = assert!(arch::DISTANCE % arch::COPY_BYTES == 0);

/// How far behind a thunk its slot is.
pub(crate) const fn distance() -> usize {
    arch::DISTANCE
}

/// Whether the tables are those that were assembled. A tool that takes them for functions (BOLT) moves them, and has them
/// lead to where the slots of the linked tables were.
pub(crate) fn are_as_assembled(tables: &[u8]) -> bool {
    // SAFETY: constants, which nothing writes.
    let mut patterns = unsafe { &tramp_rt_patterns }.as_slice();
    Table::all().all(|table| {
        let period = table.pattern_bytes();
        let (pattern, others) = patterns.split_at(period);
        patterns = others;
        // Behind a thunk the assembler writes zeros among constants, but among code what does nothing.
        let thunk = pattern.iter().rposition(|&byte| byte != 0).map_or(pattern, |last| &pattern[..=last]);
        let table = &tables[table.linked_offset()..][..arch::TABLE_BYTES];
        table.starts_with(thunk) && table[period..] == table[..arch::TABLE_BYTES - period]
    })
}

unsafe extern "C" {
    #[link_name = symbol!("_tables")]
    pub(in crate::arch) static tramp_rt_tables: u8;
    #[link_name = symbol!("_stack")]
    pub(in crate::arch) static tramp_rt_stack: u8;
    #[link_name = symbol!("_patterns")]
    static tramp_rt_patterns: [u8; PATTERN_BYTES];
    #[link_name = symbol!("_call_marked")]
    pub(in crate::arch) fn tramp_rt_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}
