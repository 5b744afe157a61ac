//! The object format ELF.

macro_rules! assembly {
    () => {
        include_str!("../../asm/elf.s")
    };
}
pub(super) use assembly;

mod copies;
pub(crate) use self::copies::*;

/// The largest page size that programs are aligned to. On Android it is never more than 16 KiB. The emulator on x86-64
/// shows programs pages of 16 KiB too.
pub(crate) const LARGEST_PAGE_BYTES: usize =
    if cfg!(target_os = "android") { 16 << 10 } else { crate::arch::PAGE_BYTES };

/// OpenBSD's text is execute-only. The tables are templates, so they are linked as data there.
pub(super) const TABLES_ARE_DATA: bool = cfg!(target_os = "openbsd");
