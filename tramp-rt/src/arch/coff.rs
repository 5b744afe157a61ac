//! The object format COFF, of Windows.
//!
//! Slots are linked, as the tables are, at a distance that the linker chooses. Both are parts of the module's image,
//! which is [mapped again](crate::map) as a whole.

macro_rules! assembly {
    () => {
        include_str!("../../asm/coff.s")
    };
}
pub(super) use assembly;

/// The largest page size.
pub(crate) const LARGEST_PAGE_BYTES: usize = crate::arch::PAGE_BYTES;

pub(super) const TABLES_ARE_DATA: bool = false;

/// The number of copies in a region. An image has the tables once.
pub(crate) const COPIES: usize = 1;

/// The distance from a thunk to its slot, as linked. It is the same in a copy of the image.
#[inline]
pub(crate) fn distance() -> usize {
    slots().addr().wrapping_sub((&raw const tramp_rt_tables).addr())
}

/// The slots of the linked tables: `LINKED_BYTES` of zeros.
#[inline]
pub(crate) fn slots() -> *mut u8 {
    (&raw const tramp_rt_slots).cast_mut()
}

/// COFF has no patterns, because a thunk depends on where it is linked.
pub(super) fn patterns() -> Option<*const u8> {
    None
}

unsafe extern "C" {
    #[link_name = symbol!("_slots")]
    static tramp_rt_slots: u8;
    #[link_name = symbol!("_tables")]
    pub(super) static tramp_rt_tables: u8;
    #[link_name = symbol!("_stack")]
    pub(super) static tramp_rt_stack: u8;
}

#[cfg(target_arch = "x86_64")]
unsafe extern "sysv64" {
    #[link_name = symbol!("_call_marked")]
    pub(super) fn tramp_rt_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}

#[cfg(not(target_arch = "x86_64"))]
unsafe extern "C" {
    #[link_name = symbol!("_call_marked")]
    pub(super) fn tramp_rt_call_marked(
        function: *const (),
        registers: *const usize,
        stack: *const usize,
        stack_words: usize,
    );
}
