//! The object format Mach-O, of Apple's systems.

macro_rules! assembly {
    () => {
        include_str!("../../asm/macho.s")
    };
}
pub(super) use assembly;

use crate::arch::{COPY_BYTES, DISTANCE};

/// What the linked tables are aligned to: the largest page of these systems. The format has no section that is aligned to
/// more than 32 KiB.
pub(crate) const ALIGN_BYTES: usize = 16 << 10;

/// How many copies stand in a region.
pub(crate) const COPIES: usize = DISTANCE / COPY_BYTES;

const _: () = assert!(DISTANCE % COPY_BYTES == 0);

/// How far behind a thunk its slot is.
pub(crate) const fn distance() -> usize {
    DISTANCE
}

unsafe extern "C" {
    pub(super) static tramp_rt_v0_tables: u8;
    pub(super) static tramp_rt_v0_stack: u8;
    pub(super) fn tramp_rt_v0_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}
