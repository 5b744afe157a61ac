//! x86-64 except on Windows: System V psABI x86-64 1.0 §3.5.7 "Variable Argument Lists", figures 3.33 and 3.34.
//!
//! Named arguments are in the same registers as the others, so one cursor reads both.

use super::cursor::{Argument, Cursor, Float};

pub(crate) use self::VaList as Named;

/// rdi, rsi, rdx, rcx, r8, r9.
const INTEGERS: usize = 6;
/// xmm0 to xmm7.
const VECTORS: usize = 8;

/// What the psABI calls the register save area.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) integers: [u64; INTEGERS],
    pub(crate) floats: [u128; VECTORS],
}

// What C counts by: bytes from the area's beginning.
const INTEGER: u32 = 8;
const VECTOR: u32 = 16;
const FLOATS_AT: u32 = 48;
const END: u32 = 176;

const _: () = {
    assert!(core::mem::offset_of!(Spilled, floats) == FLOATS_AT as usize);
    assert!(size_of::<Spilled>() == END as usize);
};

/// C's `va_list`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct VaList {
    next_integer: u32,
    next_float: u32,
    stack: *const u8,
    spilled: *const u8,
}

impl VaList {
    /// The list of all arguments, from the first.
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { next_integer: 0, next_float: FLOATS_AT, stack, spilled: spilled.cast() }
    }

    #[inline]
    fn number(&mut self) -> *const u8 {
        if self.next_float < END {
            self.next_float += VECTOR;
            self.spilled.wrapping_add((self.next_float - VECTOR) as usize)
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

    /// As a C function takes it: an array of one, which is passed by its address.
    #[inline]
    pub(crate) fn as_argument(&mut self) -> Argument {
        (&raw mut *self).cast()
    }
}

/// Each type is the lowest bytes of a register or a stack word.
impl Cursor for VaList {
    #[inline]
    fn integer(&mut self, _bytes: usize) -> *const u8 {
        if self.next_integer < FLOATS_AT {
            self.next_integer += INTEGER;
            self.spilled.wrapping_add((self.next_integer - INTEGER) as usize)
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
