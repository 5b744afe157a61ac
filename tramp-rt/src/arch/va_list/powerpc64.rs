//! powerpc64le: every argument has its place in the caller's parameter save area, where the spill routine puts r3 to r10.
//! Named floating-point numbers have that place too, and are in f1 to f13.
//!
//! OpenPOWER ELFv2 ABI 1.5 §2.2.3.4 "Parameter Save Area", §2.2.4.1 "Parameter passing register selection algorithm": the
//! caller of a variadic function has such an area, and what stands behind the `...` is passed in it and in r3 to r10.

use super::cursor::{Cursor, Float};
pub(crate) use super::pointer::VaList;

/// f1 to f13.
const FLOATS: usize = 13;

/// The floating-point argument registers, as `stfd` stores them.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [f64; FLOATS],
}

/// Finds the named arguments.
#[derive(Debug)]
pub(crate) struct Named {
    list: VaList,
    floats: *const f64,
    floats_left: usize,
}

impl Named {
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { list: VaList::at(stack), floats: spilled.cast(), floats_left: FLOATS }
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

impl Cursor for Named {
    /// The lowest bytes of its place.
    #[inline]
    fn integer(&mut self, bytes: usize) -> *const u8 {
        self.list.skip(bytes)
    }

    /// A register, or the lower half of its place.
    #[inline]
    fn float(&mut self) -> Float {
        let in_save_area = self.list.skip(size_of::<f64>());
        self.register().map_or(Float::Single(in_save_area), |register| Float::Double(register.cast()))
    }

    /// A register, or its place.
    #[inline]
    fn double(&mut self) -> *const u8 {
        let in_save_area = self.list.skip(size_of::<f64>());
        self.register().map_or(in_save_area, <*const f64>::cast)
    }
}
