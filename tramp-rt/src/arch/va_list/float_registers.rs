//! riscv64 and loongarch64: named floating-point numbers are in eight registers of their own, everything else in a0 to a7
//! and on the stack, without a gap between the two.
//!
//! RISC-V psABI 1.0 ("Hardware Floating-Point Calling Convention"), LoongArch psABI 2.50 ("Procedure calling convention"):
//! variadic arguments are passed as integers are, and so are named numbers for which no register is left. The spill
//! routine puts a0 to a7 below what the caller has on the stack.

use super::cursor::{Cursor, Float};
pub(crate) use super::pointer::VaList;

/// fa0 to fa7.
const FLOATS: usize = 8;

/// The floating-point argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u64; FLOATS],
}

/// Finds the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    list: VaList,
    floats: *const u64,
    floats_left: usize,
}

impl Named {
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { list: VaList::at(stack), floats: spilled.cast(), floats_left: FLOATS }
    }

    #[inline]
    fn number(&mut self) -> *const u8 {
        let Some(left) = self.floats_left.checked_sub(1) else {
            return self.list.skip(size_of::<u64>());
        };
        self.floats_left = left;
        let here = self.floats;
        self.floats = here.wrapping_add(1);
        here.cast()
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(self) -> VaList {
        self.list
    }
}

/// Each type is the lowest bytes of its register or stack word.
impl Cursor for Named {
    #[inline]
    fn integer(&mut self, bytes: usize) -> *const u8 {
        self.list.skip(bytes)
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
