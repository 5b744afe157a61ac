//! i386, arm, and aarch64 as Windows has it: all arguments lie on the stack, one behind the other.
//!
//! i386 passes none in registers (psABI i386 1.1 §2.2.3). arm's spill routine puts r0 to r3 below what the caller has on the
//! stack, and a variadic function has no argument in a floating-point register (AAPCS32 2024Q3 §6.4.1). On Windows,
//! aarch64's spill routine does the same with x0 to x7, and there too a variadic function has no argument in a floating-point
//! register ("Overview of ARM64 ABI conventions", "Addendum: Variadic functions").

pub(crate) use super::pointer::VaList;
pub(crate) use super::pointer::VaList as Named;

/// Nothing: what the registers held lies on the stack.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u64; 0],
}

impl VaList {
    /// The list of all arguments, from the first.
    pub(crate) fn new(_spilled: *const Spilled, stack: *const u8) -> Self {
        Self::at(stack)
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(self) -> Self {
        self
    }
}
