//! Where a function whose types are known only at run time finds its arguments, and where it leaves its result.
//!
//! What C calls is a thunk of the stack's table that leads to the *dynamic routine*. It stores all argument registers and calls
//! the handler with four addresses: that of the [`Spilled`] registers, that of the first argument on the stack, the slot, and
//! that of the [`Returned`] result. When the handler returns, the routine loads the result from there, into the register of
//! integers and into that of floating-point numbers.
//!
//! The places of the arguments depend on their types alone. So [`Places`] finds them once, and a [`Frame`] says what they are in
//! a call. The rules are mostly those of the [named](super::va_list) arguments of a variadic function.

#[cfg_attr(all(target_arch = "arm", target_abi = "eabihf"), path = "vfp.rs")]
#[cfg_attr(target_arch = "powerpc64", path = "powerpc64.rs")]
#[cfg_attr(all(target_arch = "aarch64", windows), path = "windows_aarch64.rs")]
#[cfg_attr(
    not(any(
        all(target_arch = "arm", target_abi = "eabihf"),
        target_arch = "powerpc64",
        all(target_arch = "aarch64", windows)
    )),
    path = "as_named.rs"
)]
#[allow(dead_code, reason = "on some targets nothing is linked")]
mod convention;
mod returned;

use core::ptr::without_provenance;

use self::convention::Fixed;
#[allow(unused_imports, reason = "on some targets nothing is linked")]
pub(crate) use self::convention::Spilled;
pub(crate) use self::returned::Returned;
use super::va_list::{Cursor, Float, read, read_float};

/// Where an argument lies, in every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    is_on_stack: bool,
    /// Whether it is a `float` that lies there as a `double`.
    is_double: bool,
    offset: u32,
}

impl Place {
    pub(crate) fn is_on_stack(self) -> bool {
        self.is_on_stack
    }
}

/// Finds the places of arguments, one after the other.
#[derive(Debug)]
pub(crate) struct Places(Fixed);

impl Places {
    // The cursor computes with any addresses. These have the alignment of a call's, and are too far apart to be mixed up.
    const SPILLED: usize = 1 << 16;
    const STACK: usize = 1 << 20;

    pub(crate) fn new() -> Self {
        Self(Fixed::new(without_provenance(Self::SPILLED), without_provenance(Self::STACK)))
    }

    /// The place of an integer or a pointer of so many bytes.
    pub(crate) fn integer(&mut self, bytes: usize) -> Place {
        Self::place(self.0.integer(bytes), false)
    }

    /// The place of a `float`.
    pub(crate) fn float(&mut self) -> Place {
        match self.0.float() {
            Float::Single(at) => Self::place(at, false),
            Float::Double(at) => Self::place(at, true),
        }
    }

    /// The place of a `double`.
    pub(crate) fn double(&mut self) -> Place {
        Self::place(self.0.double(), false)
    }

    fn place(at: *const u8, is_double: bool) -> Place {
        let is_on_stack = at.addr() >= Self::STACK;
        let offset = at.addr() - if is_on_stack { Self::STACK } else { Self::SPILLED };
        Place { is_on_stack, is_double, offset: u32::try_from(offset).expect("a stack of less than 4 GiB") }
    }
}

/// What the dynamic routine passes for a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    spilled: *const u8,
    stack: *const u8,
}

impl Frame {
    pub(crate) fn new(spilled: *const (), stack: *const ()) -> Self {
        Self { spilled: spilled.cast(), stack: stack.cast() }
    }

    #[inline]
    fn at(self, place: Place) -> *const u8 {
        let base = if place.is_on_stack { self.stack } else { self.spilled };
        base.wrapping_add(place.offset as usize)
    }

    /// The argument that lies there, no `float`.
    ///
    /// # Safety
    /// * The frame is a call's, in which an argument of this type lies there.
    #[inline]
    pub(crate) unsafe fn read<T>(self, place: Place) -> T {
        // SAFETY: an argument of this type lies there.
        unsafe { read(self.at(place)) }
    }

    /// The argument that lies there, a `float`.
    ///
    /// # Safety
    /// * The frame is a call's, in which a `float` lies there.
    #[inline]
    pub(crate) unsafe fn read_float(self, place: Place) -> f32 {
        let at = self.at(place);
        // SAFETY: a `float` lies there, as its place says.
        unsafe { read_float(if place.is_double { Float::Double(at) } else { Float::Single(at) }) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Places};

    /// The places are different, and those of a kind have one order.
    #[test]
    fn no_two_arguments_share_a_place() {
        let mut places = Places::new();
        let mut found: Vec<(Place, u32)> = Vec::new();
        for number in 0..60 {
            let next = match number % 5 {
                0 => (places.integer(4), 4),
                1 => (places.double(), 8),
                2 => (places.float(), 4),
                3 => (places.integer(8), 8),
                _ => (places.integer(1), 1),
            };
            found.push(next);
        }
        for (index, (one, bytes)) in found.iter().enumerate() {
            for (other, other_bytes) in &found[..index] {
                let apart = one.is_on_stack != other.is_on_stack
                    || one.offset >= other.offset + other_bytes
                    || other.offset >= one.offset + bytes;
                assert!(apart, "{one:?} and {other:?}");
            }
        }
        assert!(found[59].0.is_on_stack, "no processor has as many registers");
    }
}
