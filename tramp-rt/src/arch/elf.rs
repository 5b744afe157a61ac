//! The object format ELF.

macro_rules! assembly {
    () => {
        include_str!("../../asm/elf.s")
    };
}
pub(super) use assembly;

mod copies;
pub(crate) use self::copies::*;

/// The largest page that programs are aligned to: on Android never more than 16 KiB, and that even on x86-64, where its
/// emulator has programs see no smaller one.
pub(crate) const LARGEST_PAGE_BYTES: usize =
    if cfg!(target_os = "android") { 16 << 10 } else { crate::arch::PAGE_BYTES };

/// OpenBSD's text is execute-only, so the tables, which are templates, are linked as data there.
pub(super) const TABLES_ARE_DATA: bool = cfg!(target_os = "openbsd");
