//! powerpc64le: as the [named](crate::arch::va_list) arguments of a variadic function, except that r3 to r10 have no home.
//!
//! OpenPOWER ELFv2 ABI 1.5 §2.2.3.4 "Parameter Save Area": the caller of a function with a prototype need not have such an area
//! if all arguments are in registers. So the routine stores r3 to r10 in its frame. The arguments on the stack count from the
//! area's beginning.

use core::mem::offset_of;

use crate::arch::va_list::{Cursor, Float};

/// r3 to r10.
const INTEGERS: usize = 8;
/// f1 to f13.
const FLOATS: usize = 13;
const WORD: usize = size_of::<u64>();

/// The argument registers; those of floating-point numbers as `stfd` stores them.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) integers: [u64; INTEGERS],
    pub(crate) floats: [f64; FLOATS],
}

/// Finds the arguments.
#[derive(Debug)]
pub(crate) struct Fixed {
    spilled: *const u8,
    stack: *const u8,
    words: usize,
    floats: usize,
}

impl Fixed {
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self { spilled: spilled.cast(), stack, words: 0, floats: 0 }
    }

    /// Every argument takes a word, also if it travels in a floating-point register.
    fn word(&mut self) -> *const u8 {
        let offset = self.words * WORD;
        self.words += 1;
        if self.words <= INTEGERS {
            self.spilled.wrapping_add(offset_of!(Spilled, integers) + offset)
        } else {
            self.stack.wrapping_add(offset)
        }
    }

    fn float_register(&mut self) -> Option<*const u8> {
        if self.floats == FLOATS {
            return None;
        }
        self.floats += 1;
        Some(self.spilled.wrapping_add(offset_of!(Spilled, floats) + WORD * (self.floats - 1)))
    }
}

impl Cursor for Fixed {
    /// The lowest bytes of its word.
    fn integer(&mut self, _bytes: usize) -> *const u8 {
        self.word()
    }

    /// A register, or the lower half of its word.
    fn float(&mut self) -> Float {
        let word = self.word();
        self.float_register().map_or(Float::Single(word), Float::Double)
    }

    /// A register, or its word.
    fn double(&mut self) -> *const u8 {
        let word = self.word();
        self.float_register().unwrap_or(word)
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance;

    use super::*;

    const SPILLED: usize = 0x1000;
    const STACK: usize = 0x2000;

    #[test]
    fn each_argument_takes_a_word_of_the_save_area() {
        let mut fixed = Fixed::new(without_provenance(SPILLED), without_provenance(STACK));
        let floats = SPILLED + 8 * INTEGERS;
        assert_eq!(fixed.float(), Float::Double(without_provenance(floats)));
        assert_eq!(fixed.integer(4).addr(), SPILLED + 8);
        for number in 1..FLOATS {
            assert_eq!(fixed.double().addr(), floats + 8 * number);
        }
        // The 15th word.
        assert_eq!(fixed.double().addr(), STACK + 8 * 14);
        assert_eq!(fixed.float(), Float::Single(without_provenance(STACK + 8 * 15)));
        assert_eq!(fixed.integer(8).addr(), STACK + 8 * 16);
    }
}
