//! The object format Mach-O, of Apple's systems. No section can be aligned to more than 32 KiB.

macro_rules! assembly {
    () => {
        include_str!("../../asm/macho.s")
    };
}
pub(super) use assembly;

mod copies;
pub(crate) use self::copies::*;

/// The largest page size of these systems.
pub(crate) const LARGEST_PAGE_BYTES: usize = 16 << 10;

pub(super) const TABLES_ARE_DATA: bool = false;
