//! arm with the VFP variant of its convention: AAPCS32 2024Q3 §6.4.2 "Variant-specific rules".
//!
//! The routine stores s0 to s15 in its frame. r0 to r3 come to lie below what the caller has on the stack, as for variadic
//! functions. But they may be free while the stack is not: then numbers have used up their registers.

use core::mem::offset_of;

use crate::arch::va_list::{Cursor, Float};

/// s0 to s15, which are d0 to d7.
const FLOATS: usize = 16;
/// r0 to r3.
const INTEGERS: usize = 4;
const WORD: usize = size_of::<u32>();

/// The floating-point argument registers.
#[repr(C)]
pub(crate) struct Spilled {
    pub(crate) floats: [u32; FLOATS],
}

/// Finds the arguments.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// r0, and behind it the other registers and the stack.
    words: *const u8,
    integers: usize,
    stack: *const u8,
    floats: *const u8,
    /// A bit for each register that has no argument yet.
    free: u16,
}

impl Fixed {
    pub(crate) fn new(spilled: *const Spilled, stack: *const u8) -> Self {
        Self {
            words: stack,
            integers: 0,
            stack: stack.wrapping_add(INTEGERS * WORD),
            floats: spilled.cast::<u8>().wrapping_add(offset_of!(Spilled, floats)),
            free: u16::MAX,
        }
    }

    /// Rules C.7 and C.8: the stack, aligned for what is pushed.
    fn skip(&mut self, bytes: usize) -> *const u8 {
        let bytes = bytes.next_multiple_of(WORD);
        let here = self.stack.map_addr(|address| address.next_multiple_of(bytes));
        self.stack = here.wrapping_add(bytes);
        here
    }

    /// Rules C.1 and C.2: the lowest free registers, one or an aligned pair. When there are none, no later number gets one.
    fn number(&mut self, registers: usize) -> *const u8 {
        let pattern = (1_u16 << registers) - 1;
        let free = (0..FLOATS).step_by(registers).find(|first| self.free >> first & pattern == pattern);
        match free {
            Some(first) => {
                self.free &= !(pattern << first);
                self.floats.wrapping_add(first * WORD)
            }
            None => {
                self.free = 0;
                self.skip(registers * WORD)
            }
        }
    }
}

impl Cursor for Fixed {
    /// Rules C.3 to C.6: two words begin in an even register, so none is split.
    fn integer(&mut self, bytes: usize) -> *const u8 {
        let words = bytes.div_ceil(WORD);
        let first = self.integers.next_multiple_of(words);
        if first + words > INTEGERS {
            self.integers = INTEGERS;
            return self.skip(bytes);
        }
        self.integers = first + words;
        self.words.wrapping_add(first * WORD)
    }

    fn float(&mut self) -> Float {
        Float::Single(self.number(1))
    }

    fn double(&mut self) -> *const u8 {
        self.number(2)
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance;

    use super::*;

    const SPILLED: usize = 0x1000;
    const R0: usize = 0x2000;
    const STACK: usize = R0 + 16;

    fn fixed() -> Fixed {
        Fixed::new(without_provenance(SPILLED), without_provenance(R0))
    }

    fn float(fixed: &mut Fixed) -> usize {
        let Float::Single(at) = fixed.float() else { unreachable!("no register holds a `double` of it") };
        at.addr()
    }

    /// The example of AAPCS32, §6.4.2.1: a `float` behind a `double` fills the gap before it.
    #[test]
    fn floats_fill_gaps() {
        let mut fixed = fixed();
        assert_eq!(float(&mut fixed), SPILLED);
        assert_eq!(fixed.double().addr(), SPILLED + 8);
        assert_eq!(float(&mut fixed), SPILLED + 4);
        assert_eq!(float(&mut fixed), SPILLED + 16);
    }

    #[test]
    fn behind_a_number_on_the_stack_no_other_gets_a_register() {
        let mut fixed = fixed();
        for number in 0..7 {
            assert_eq!(fixed.double().addr(), SPILLED + 8 * number);
        }
        assert_eq!(float(&mut fixed), SPILLED + 56); // s14, and s15 is free
        assert_eq!(fixed.integer(4).addr(), R0);
        assert_eq!(fixed.double().addr(), STACK);
        assert_eq!(float(&mut fixed), STACK + 8);
        // Integers have their own registers still, of which two words skip one.
        assert_eq!(fixed.integer(8).addr(), R0 + 8);
        assert_eq!(fixed.integer(8).addr(), STACK + 16);
        assert_eq!(fixed.integer(1).addr(), STACK + 24);
    }
}
