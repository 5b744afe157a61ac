//! The result of a call, as the dynamic routine loads it.
//!
//! Integers narrower than their register are extended as their type says, up to the register's width. Most psABIs demand less,
//! none demands another value, except that the upper half of a `uint32_t` is a copy of its sign bit on two processors.

/// The result, as it lies in the frame of the routine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Returned {
    register: u64,
    /// A function leaves nothing in st(0) unless that is its result (psABI i386 1.1 §2.2.3), so the routine has to know.
    #[cfg(target_arch = "x86")]
    pub(super) is_float: u32,
}

impl Returned {
    /// What the routine tests, if it does.
    #[cfg(target_arch = "x86")]
    pub(crate) const IS_FLOAT: usize = core::mem::offset_of!(Self, is_float);
    #[cfg(not(target_arch = "x86"))]
    #[allow(dead_code, reason = "on some targets nothing is linked")]
    pub(crate) const IS_FLOAT: usize = 0;

    #[inline]
    fn new(register: u64, is_float: bool) -> Self {
        let _ = is_float;
        Self {
            register,
            #[cfg(target_arch = "x86")]
            is_float: is_float.into(),
        }
    }

    /// An integer or a pointer, extended to 64 bits; or nothing.
    #[inline]
    pub(crate) fn integer(value: u64) -> Self {
        Self::new(value, false)
    }

    /// A `uint32_t`.
    ///
    /// RISC-V psABI 1.0 ("Integer Calling Convention"), `LoongArch` psABI 2.50 ("Procedure calling convention"):
    /// sign-extended.
    #[inline]
    pub(crate) fn unsigned(value: u32) -> Self {
        #[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "the bits are copied")]
        let extended = i64::from(value as i32) as u64;
        let is_signed = cfg!(any(target_arch = "riscv64", target_arch = "loongarch64"));
        Self::integer(if is_signed { extended } else { value.into() })
    }

    /// A `float`, as its register holds one.
    #[inline]
    pub(crate) fn float(value: f32) -> Self {
        // ELFv2 ABI 1.5 §2.2.2.2: registers hold a `double` of the value. x87's are loaded from one.
        if cfg!(any(target_arch = "powerpc64", target_arch = "x86")) {
            return Self::double(value.into());
        }
        let bits = u64::from(value.to_bits());
        Self::new(
            if cfg!(target_arch = "s390x") {
                bits << 32 // s390x ELF ABI 1.6 §1.2.1: the upper half
            } else if cfg!(target_arch = "riscv64") {
                bits | !u64::from(u32::MAX) // RISC-V ISA, "NaN Boxing of Narrower Values"
            } else {
                bits
            },
            true,
        )
    }

    /// A `double`.
    #[inline]
    pub(crate) fn double(value: f64) -> Self {
        Self::new(value.to_bits(), true)
    }
}
