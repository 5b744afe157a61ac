//! i386 and arm: all arguments lie on the stack, one behind the other.
//!
//! i386 passes none in registers (psABI i386 1.1 §2.2.3). arm's spill routine puts r0 to r3 below what the caller has on the
//! stack, and a variadic function has no argument in a floating-point register (AAPCS32 2024Q3 §6.4.1).

pub(crate) use super::pointer::VaList;

/// Nothing: what the registers held lies on the stack.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u64; 0],
}

/// Reads the named arguments.
#[derive(Debug)]
pub(crate) struct Named(VaList);

impl Named {
    /// # Safety
    /// * The spill routine passed these two, for a call that lasts.
    pub(crate) unsafe fn new(_spilled: *const Spilled, stack: *const u8) -> Self {
        Self(VaList::at(stack))
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
        // SAFETY: the next argument is a `float`, which lies where an integer of its size would.
        unsafe { self.0.integer() }
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
