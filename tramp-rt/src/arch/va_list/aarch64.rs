//! aarch64 except on Apple's systems: AAPCS64 2024Q3, appendix B "Variable argument lists".
//!
//! Named arguments are in the same registers as the others, so one cursor reads both.

use core::mem::offset_of;

use super::cursor::{Argument, Cursor, Float};

pub(crate) use self::VaList as Named;

/// x0 to x7.
const INTEGERS: usize = 8;
/// v0 to v7.
const VECTORS: usize = 8;

/// The argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) integers: [u64; INTEGERS],
    pub(crate) floats: [u128; VECTORS],
}

// What C counts by.
const INTEGER: i32 = 8;
const VECTOR: i32 = 16;
const INTEGERS_BYTES: i32 = 64;
const VECTORS_BYTES: i32 = 128;

const _: () = {
    assert!(size_of::<[u64; INTEGERS]>() == INTEGERS_BYTES as usize);
    assert!(size_of::<[u128; VECTORS]>() == VECTORS_BYTES as usize);
};

/// C's `va_list`. The offsets count up to zero, from the registers' end.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct VaList {
    stack: *const u8,
    integers_end: *const u8,
    floats_end: *const u8,
    next_integer: i32,
    next_float: i32,
}

impl VaList {
    /// The list of all arguments, from the first.
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        let spilled = spilled.cast::<u8>();
        Self {
            stack,
            integers_end: spilled.wrapping_add(offset_of!(Spilled, integers) + INTEGERS * size_of::<u64>()),
            floats_end: spilled.wrapping_add(offset_of!(Spilled, floats) + VECTORS * size_of::<u128>()),
            next_integer: -INTEGERS_BYTES,
            next_float: -VECTORS_BYTES,
        }
    }

    #[inline]
    fn number(&mut self) -> *const u8 {
        if self.next_float < 0 {
            self.next_float += VECTOR;
            self.floats_end.wrapping_offset((self.next_float - VECTOR) as isize)
        } else {
            self.skip()
        }
    }

    #[inline]
    fn skip(&mut self) -> *const u8 {
        let here = self.stack;
        self.stack = here.wrapping_add(size_of::<u64>());
        here
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(self) -> VaList {
        self
    }

    /// As a C function takes it: a composite of more than 16 bytes, which is passed by its address (AAPCS64 §6.8.2, B.4).
    #[inline]
    pub(crate) fn as_argument(&mut self) -> Argument {
        (&raw mut *self).cast()
    }
}

/// Each type is the lowest bytes of a register or a stack word.
impl Cursor for VaList {
    #[inline]
    fn integer(&mut self, _bytes: usize) -> *const u8 {
        if self.next_integer < 0 {
            self.next_integer += INTEGER;
            self.integers_end.wrapping_offset((self.next_integer - INTEGER) as isize)
        } else {
            self.skip()
        }
    }

    #[inline]
    fn float(&mut self) -> Float {
        Float::Single(self.number())
    }

    #[inline]
    fn double(&mut self) -> *const u8 {
        self.number()
    }
}
