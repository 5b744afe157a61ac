//! aarch64 except on Apple's systems: AAPCS64 2024Q3, appendix B "Variable argument lists".
//!
//! Named arguments are in the same registers as the others, so one cursor reads both.

use super::read::{Argument, read};

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
    /// The next argument, an integer or a pointer.
    ///
    /// # Safety
    /// * There is one, of this type.
    #[inline]
    pub(crate) unsafe fn integer<T>(&mut self) -> T {
        let here = if self.next_integer < 0 {
            self.next_integer += INTEGER;
            self.integers_end.wrapping_offset((self.next_integer - INTEGER) as isize)
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

    /// As a C function takes it: a composite of more than 16 bytes, which is passed by its address (AAPCS64 §6.8.2, B.4).
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
        // SAFETY: the routine passed the address of what it spilled.
        let (integers, floats) = unsafe { (&raw const (*spilled).integers, &raw const (*spilled).floats) };
        Self(VaList {
            stack,
            integers_end: integers.wrapping_add(1).cast(),
            floats_end: floats.wrapping_add(1).cast(),
            next_integer: -INTEGERS_BYTES,
            next_float: -VECTORS_BYTES,
        })
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
