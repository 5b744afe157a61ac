//! The `va_list` of most processors: a pointer to the next argument, of which all lie one behind the other.

use super::cursor::{Argument, Cursor, Float};

const WORD: usize = size_of::<usize>();

/// Whether an argument of two words is aligned to its size: AAPCS32 §6.5, step C.3. On i386 it is not; and on the others no
/// argument that Rust reads is larger than a word.
const ALIGNS: bool = cfg!(target_arch = "arm");

/// C's `va_list`.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct VaList(*const u8);

impl VaList {
    /// The list that begins with this argument.
    pub(super) fn at(first: *const u8) -> Self {
        Self(first)
    }

    /// Where the next argument lies, if it is so large.
    #[inline]
    pub(super) fn skip(&mut self, bytes: usize) -> *const u8 {
        let bytes = bytes.next_multiple_of(WORD);
        if ALIGNS && bytes > WORD {
            self.align(bytes);
        }
        let here = self.0;
        self.0 = here.wrapping_add(bytes);
        here
    }

    #[inline]
    pub(super) fn align(&mut self, align: usize) {
        self.0 = self.0.map_addr(|address| address.next_multiple_of(align));
    }

    /// As it lies on a stack that packs arguments: Apple's.
    #[inline]
    pub(super) fn skip_packed(&mut self, bytes: usize) -> *const u8 {
        self.align(bytes);
        let here = self.0;
        self.0 = here.wrapping_add(bytes);
        here
    }

    /// As a C function takes it: itself.
    #[inline]
    pub(crate) fn as_argument(&mut self) -> Argument {
        self.0.cast_mut().cast()
    }
}

impl Cursor for VaList {
    #[inline]
    fn integer(&mut self, bytes: usize) -> *const u8 {
        self.skip(bytes)
    }

    #[inline]
    fn float(&mut self) -> Float {
        Float::Single(self.skip(size_of::<f32>()))
    }

    #[inline]
    fn double(&mut self) -> *const u8 {
        self.skip(size_of::<f64>())
    }
}
