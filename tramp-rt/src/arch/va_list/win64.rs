//! x86-64 as Windows has it: every argument has its place on the stack, where the spill routine puts rcx, rdx, r8 and r9
//! into those that the caller left free for them. Named floating-point numbers are in xmm0 to xmm3 in the first four places.
//!
//! Microsoft's x64 calling convention ("Varargs"): what stands behind the `...` is in the integer register as well. Clang does
//! the same for named numbers, and GCC does not.

use super::cursor::{Cursor, Float};
pub(crate) use super::pointer::VaList;

/// xmm0 to xmm3.
const FLOATS: usize = 4;

/// The vector argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u128; FLOATS],
}

/// Finds the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    list: VaList,
    floats: *const u128,
    registers_left: usize,
}

impl Named {
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { list: VaList::at(stack), floats: spilled.cast(), registers_left: FLOATS }
    }

    #[inline]
    fn number(&mut self) -> *const u8 {
        let on_stack = self.list.skip(size_of::<f64>());
        self.register().unwrap_or(on_stack)
    }

    /// The vector register of the next place, whatever is in it.
    #[inline]
    fn register(&mut self) -> Option<*const u8> {
        self.registers_left = self.registers_left.checked_sub(1)?;
        let here = self.floats;
        self.floats = here.wrapping_add(1);
        Some(here.cast())
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(self) -> VaList {
        self.list
    }
}

/// Each type is the lowest bytes of its register or place.
impl Cursor for Named {
    #[inline]
    fn integer(&mut self, bytes: usize) -> *const u8 {
        self.register();
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
