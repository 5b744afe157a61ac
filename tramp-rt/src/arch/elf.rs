//! The object format ELF.

macro_rules! assembly {
    () => {
        include_str!("../../asm/elf.s")
    };
}
pub(super) use assembly;

mod apart;
pub(crate) use self::apart::*;
