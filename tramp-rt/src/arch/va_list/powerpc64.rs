//! powerpc64le: every argument has its place in the caller's parameter save area, where the spill routine puts r3 to r10.
//! Named floating-point numbers have that place too, and are in f1 to f13.
//!
//! OpenPOWER ELFv2 ABI 1.5 §2.2.3.4 "Parameter Save Area", §2.2.4.1 "Parameter passing register selection algorithm": the
//! caller of a variadic function has such an area, and what stands behind the `...` is passed in it and in r3 to r10.

pub(crate) use super::pointer::VaList;
use super::read::read;

/// f1 to f13.
const FLOATS: usize = 13;

/// The floating-point argument registers, as `stfd` stores them.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [f64; FLOATS],
}

/// Reads the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    list: VaList,
    floats: *const f64,
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
        let in_save_area = self.list.skip(size_of::<f64>());
        match self.register() {
            #[allow(clippy::cast_possible_truncation, reason = "a register holds a `float` as a `double` of its value")]
            // SAFETY: the spill routine stored the register, and the call lasts.
            Some(register) => unsafe { *register as f32 },
            // SAFETY: the next argument is a `float`, in the lower half of its place.
            None => unsafe { read(in_save_area) },
        }
    }

    /// # Safety
    /// * The next argument is a `double`.
    #[inline]
    pub(crate) unsafe fn double(&mut self) -> f64 {
        let in_save_area = self.list.skip(size_of::<f64>());
        // SAFETY: the next argument is a `double`, in a register that the spill routine stored, or in its place.
        unsafe { read(self.register().map_or(in_save_area, <*const f64>::cast)) }
    }

    #[inline]
    fn register(&mut self) -> Option<*const f64> {
        self.floats_left = self.floats_left.checked_sub(1)?;
        let here = self.floats;
        self.floats = here.wrapping_add(1);
        Some(here)
    }

    /// The arguments behind the named ones.
    #[inline]
    pub(crate) fn rest(self) -> VaList {
        self.list
    }
}
