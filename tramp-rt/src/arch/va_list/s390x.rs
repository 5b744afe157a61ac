//! s390x: s390x ELF ABI 1.6 §1.2.5 "Parameter Passing" and §3.2 "Variable argument lists".
//!
//! The spill routine puts the argument registers into the save area that every caller has, where C's `va_list` has them.
//! The processor is big-endian: what is narrower than a register or a stack word is at its end, except that a `float` is in
//! the upper half of its register. Named arguments are in the same registers as the others, so one cursor reads both.

use super::cursor::{Argument, Cursor, Float};

pub(crate) use self::VaList as Named;

/// r2 to r6.
const INTEGERS: usize = 5;
/// f0, f2, f4, f6.
const FLOATS: usize = 4;
const WORD: usize = size_of::<u64>();

/// The register save area of the caller's frame, §1.2.3: 160 bytes that begin with the back chain.
#[repr(C)]
pub(crate) struct Spilled {
    back_chain: [u64; 2],
    integers: [u64; 14],
    pub(crate) floats: [u64; FLOATS],
}

const INTEGERS_AT: usize = core::mem::offset_of!(Spilled, integers);
const FLOATS_AT: usize = core::mem::offset_of!(Spilled, floats);

/// C's `va_list`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct VaList {
    integers: usize,
    floats: usize,
    stack: *const u8,
    spilled: *const u8,
}

impl VaList {
    /// The list of all arguments, from the first.
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { integers: 0, floats: 0, stack, spilled: spilled.cast() }
    }

    #[inline]
    fn float_register(&mut self) -> Option<*const u8> {
        if self.floats == FLOATS {
            return None;
        }
        self.floats += 1;
        Some(self.spilled.wrapping_add(FLOATS_AT + WORD * (self.floats - 1)))
    }

    #[inline]
    fn skip(&mut self) -> *const u8 {
        let here = self.stack;
        self.stack = here.wrapping_add(WORD);
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

impl Cursor for VaList {
    /// The last bytes of a register or a stack word.
    #[inline]
    fn integer(&mut self, bytes: usize) -> *const u8 {
        let word = if self.integers < INTEGERS {
            self.integers += 1;
            self.spilled.wrapping_add(INTEGERS_AT + WORD * (self.integers - 1))
        } else {
            self.skip()
        };
        word.wrapping_add(WORD - bytes)
    }

    /// The upper half of a register or the last bytes of a stack word.
    #[inline]
    fn float(&mut self) -> Float {
        let here = self.float_register().unwrap_or_else(|| self.skip().wrapping_add(WORD - size_of::<f32>()));
        Float::Single(here)
    }

    #[inline]
    fn double(&mut self) -> *const u8 {
        self.float_register().unwrap_or_else(|| self.skip())
    }
}
