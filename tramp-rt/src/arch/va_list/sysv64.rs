//! x86-64 except on Windows: System V psABI x86-64 1.0 §3.5.7 "Variable Argument Lists", figures 3.33 and 3.34.
//!
//! Named arguments are in the same registers as the others, so one cursor reads both.

use super::read::{Argument, read};

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
    /// The next argument, an integer or a pointer.
    ///
    /// # Safety
    /// * There is one, of this type.
    #[inline]
    pub(crate) unsafe fn integer<T>(&mut self) -> T {
        let here = if self.next_integer < FLOATS_AT {
            self.next_integer += INTEGER;
            self.spilled.wrapping_add((self.next_integer - INTEGER) as usize)
        } else {
            self.skip()
        };
        // SAFETY: the next argument is of this type, the lowest bytes of a register or a stack word.
        unsafe { read(here) }
    }

    /// The next argument, a `double`.
    ///
    /// # Safety
    /// * There is one, of this type.
    #[inline]
    pub(crate) unsafe fn double(&mut self) -> f64 {
        // SAFETY: the next argument is a `double`, the lowest bytes of a register or a stack word.
        unsafe { read(self.number()) }
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

    /// As a C function takes it: an array of one, which is passed by its address.
    #[inline]
    pub(crate) fn as_argument(&mut self) -> Argument {
        (&raw mut *self).cast()
    }
}

/// Reads the named arguments.
#[derive(Debug)]
pub(crate) struct Named(VaList);

impl Named {
    /// # Safety
    /// * The spill routine passed these two, for a call that lasts.
    pub(crate) unsafe fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self(VaList { next_integer: 0, next_float: FLOATS_AT, stack, spilled: spilled.cast() })
    }

    /// # Safety
    /// * The next argument is an integer or a pointer of this type.
    #[inline]
    pub(crate) unsafe fn integer<T>(&mut self) -> T {
        // SAFETY: the next argument is of this type.
        unsafe { self.0.integer() }
    }

    /// # Safety
    /// * The next argument is a `float`.
    #[inline]
    pub(crate) unsafe fn float(&mut self) -> f32 {
        // SAFETY: the next argument is a `float`, the lowest bytes of a register or a stack word.
        unsafe { read(self.0.number()) }
    }

    /// # Safety
    /// * The next argument is a `double`.
    #[inline]
    pub(crate) unsafe fn double(&mut self) -> f64 {
        // SAFETY: the next argument is a `double`.
        unsafe { self.0.double() }
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(self) -> VaList {
        self.0
    }
}
