//! aarch64 as Apple has it: named arguments as AAPCS64 says, except that the stack packs them, and all others on the stack.
//!
//! "Writing ARM64 code for Apple platforms", "Update code that passes arguments to variadic functions" and "Pass arguments to
//! functions correctly".

pub(crate) use super::pointer::VaList;
use super::read::read;

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

/// Reads the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    stack: VaList,
    integers: *const u64,
    integers_left: usize,
    floats: *const u128,
    floats_left: usize,
}

impl Named {
    /// # Safety
    /// * The spill routine passed these two, for a call that lasts.
    pub(crate) unsafe fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        // SAFETY: the routine passed the address of what it spilled.
        let (integers, floats) = unsafe { (&raw const (*spilled).integers, &raw const (*spilled).floats) };
        Self {
            stack: VaList::at(stack),
            integers: integers.cast(),
            integers_left: INTEGERS,
            floats: floats.cast(),
            floats_left: FLOATS,
        }
    }

    /// # Safety
    /// * The next argument is an integer or a pointer of this type.
    #[inline]
    pub(crate) unsafe fn integer<T>(&mut self) -> T {
        let here = if let Some(left) = self.integers_left.checked_sub(1) {
            let here = self.integers;
            (self.integers, self.integers_left) = (here.wrapping_add(1), left);
            here.cast()
        } else {
            self.stack.skip_packed(size_of::<T>())
        };
        // SAFETY: the next argument is of this type, the lowest bytes of a register or on the stack.
        unsafe { read(here) }
    }

    /// # Safety
    /// * The next argument is a `float`.
    #[inline]
    pub(crate) unsafe fn float(&mut self) -> f32 {
        // SAFETY: the next argument is a `float`, the lowest bytes of a register or on the stack.
        unsafe { read(self.number(size_of::<f32>())) }
    }

    /// # Safety
    /// * The next argument is a `double`.
    #[inline]
    pub(crate) unsafe fn double(&mut self) -> f64 {
        // SAFETY: the next argument is a `double`, the lowest bytes of a register or on the stack.
        unsafe { read(self.number(size_of::<f64>())) }
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
