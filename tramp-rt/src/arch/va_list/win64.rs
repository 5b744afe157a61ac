//! x86-64 as Windows has it: every argument has its place on the stack, where the spill routine puts rcx, rdx, r8 and r9
//! into those that the caller left free for them. Named floating-point numbers are in xmm0 to xmm3 in the first four places.
//!
//! Microsoft's x64 calling convention ("Varargs"): what stands behind the `...` is in the integer register as well. Clang does
//! the same for named numbers, and GCC does not.

pub(crate) use super::pointer::VaList;
use super::read::read;

/// xmm0 to xmm3.
const FLOATS: usize = 4;

/// The vector argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u128; FLOATS],
}

/// Reads the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    list: VaList,
    floats: *const u128,
    registers_left: usize,
}

impl Named {
    /// # Safety
    /// * The spill routine passed these two, for a call that lasts.
    pub(crate) unsafe fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { list: VaList::at(stack), floats: spilled.cast(), registers_left: FLOATS }
    }

    /// # Safety
    /// * The next argument is an integer or a pointer of this type.
    #[inline]
    pub(crate) unsafe fn integer<T>(&mut self) -> T {
        self.register();
        // SAFETY: the next argument is of this type.
        unsafe { self.list.integer() }
    }

    /// # Safety
    /// * The next argument is a `float`.
    #[inline]
    pub(crate) unsafe fn float(&mut self) -> f32 {
        // SAFETY: the next argument is a `float`, the lowest bytes of its register or place.
        unsafe { read(self.number()) }
    }

    /// # Safety
    /// * The next argument is a `double`.
    #[inline]
    pub(crate) unsafe fn double(&mut self) -> f64 {
        // SAFETY: the next argument is a `double`, the lowest bytes of its register or place.
        unsafe { read(self.number()) }
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
