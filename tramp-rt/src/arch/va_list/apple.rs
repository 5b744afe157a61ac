//! aarch64 as Apple has it: named arguments as AAPCS64 says, except that the stack packs them, and all others on the stack.
//!
//! "Writing ARM64 code for Apple platforms", "Update code that passes arguments to variadic functions" and "Pass arguments to
//! functions correctly".

use core::mem::offset_of;

use super::cursor::{Cursor, Float};
pub(crate) use super::pointer::VaList;

/// x0 to x7.
const INTEGERS: usize = 8;
/// v0 to v7.
const FLOATS: usize = 8;

/// The argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) integers: [u64; INTEGERS],
    pub(crate) floats: [u128; FLOATS],
}

/// Finds the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    stack: VaList,
    integers: *const u64,
    integers_left: usize,
    floats: *const u128,
    floats_left: usize,
}

impl Named {
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        let spilled = spilled.cast::<u8>();
        Self {
            stack: VaList::at(stack),
            integers: spilled.wrapping_add(offset_of!(Spilled, integers)).cast(),
            integers_left: INTEGERS,
            floats: spilled.wrapping_add(offset_of!(Spilled, floats)).cast(),
            floats_left: FLOATS,
        }
    }

    #[inline]
    fn number(&mut self, bytes: usize) -> *const u8 {
        let Some(left) = self.floats_left.checked_sub(1) else {
            return self.stack.skip_packed(bytes);
        };
        let here = self.floats;
        (self.floats, self.floats_left) = (here.wrapping_add(1), left);
        here.cast()
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(mut self) -> VaList {
        self.stack.align(size_of::<usize>());
        self.stack
    }
}

/// Each type is the lowest bytes of a register, or on the stack.
impl Cursor for Named {
    #[inline]
    fn integer(&mut self, bytes: usize) -> *const u8 {
        let Some(left) = self.integers_left.checked_sub(1) else {
            return self.stack.skip_packed(bytes);
        };
        let here = self.integers;
        (self.integers, self.integers_left) = (here.wrapping_add(1), left);
        here.cast()
    }

    #[inline]
    fn float(&mut self) -> Float {
        Float::Single(self.number(size_of::<f32>()))
    }

    #[inline]
    fn double(&mut self) -> *const u8 {
        self.number(size_of::<f64>())
    }
}
