//! riscv64 and loongarch64: named floating-point numbers are in eight registers of their own, everything else in a0 to a7
//! and on the stack, without a gap between the two.
//!
//! RISC-V psABI 1.0 ("Hardware Floating-Point Calling Convention"), LoongArch psABI 2.50 ("Procedure calling convention"):
//! variadic arguments are passed as integers are, and so are named numbers for which no register is left. The spill
//! routine puts a0 to a7 below what the caller has on the stack.

pub(crate) use super::pointer::VaList;
use super::read::read;

/// fa0 to fa7.
const FLOATS: usize = 8;

/// The floating-point argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u64; FLOATS],
}

/// Reads the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    list: VaList,
    floats: *const u64,
    floats_left: usize,
}

impl Named {
    /// # Safety
    /// * The spill routine passed these two, for a call that lasts.
    pub(crate) unsafe fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { list: VaList::at(stack), floats: spilled.cast(), floats_left: FLOATS }
    }

    /// # Safety
    /// * The next argument is an integer or a pointer of this type.
    #[inline]
    pub(crate) unsafe fn integer<T>(&mut self) -> T {
        // SAFETY: the next argument is of this type.
        unsafe { self.list.integer() }
    }

    /// # Safety
    /// * The next argument is a `float`.
    #[inline]
    pub(crate) unsafe fn float(&mut self) -> f32 {
        // SAFETY: the next argument is a `float`, the lower half of its register or stack word.
        unsafe { read(self.number()) }
    }

    /// # Safety
    /// * The next argument is a `double`.
    #[inline]
    pub(crate) unsafe fn double(&mut self) -> f64 {
        // SAFETY: the next argument is a `double`.
        unsafe { read(self.number()) }
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
