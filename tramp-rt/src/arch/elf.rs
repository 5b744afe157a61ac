//! The object format ELF.

#[cfg(not(target_os = "openbsd"))]
macro_rules! assembly {
    () => {
        include_str!("../../asm/elf.s")
    };
}
/// Text cannot be read there, see `map/openbsd.rs`.
#[cfg(target_os = "openbsd")]
macro_rules! assembly {
    () => {
        concat!(".set TRAMP_TABLES_ARE_DATA, 1\n", include_str!("../../asm/elf.s"))
    };
}
pub(super) use assembly;

use crate::arch::{COPY_BYTES, DISTANCE, PAGE_BYTES};

/// What the linked tables are aligned to: the largest page that the processor can have. On Android that may be one of
/// 16 KiB also where Linux has 4 KiB alone, for its emulator on x86-64 lets programs see none smaller.
pub(crate) const ALIGN_BYTES: usize =
    if cfg!(target_os = "android") && PAGE_BYTES < ANDROID_PAGE_BYTES { ANDROID_PAGE_BYTES } else { PAGE_BYTES };

const ANDROID_PAGE_BYTES: usize = 16 << 10;

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
