//! Asking a signature's [probe](super::probe) where a thunk has to put the slot.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::MaybeUninit;

use super::probe::{self, ArgumentLayout, Probe};
use crate::arch::{self, Place};
use crate::error::Error;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

impl Probe {
    /// The place of the slot, from this thread's last answers or by asking.
    #[inline]
    pub(crate) fn place(&'static self) -> Result<Place, Error> {
        const ANSWERS: usize = 8;
        std::thread_local! {
            static LAST: [Cell<Option<(&'static Probe, Place)>>; ANSWERS] = const { [const { Cell::new(None) }; ANSWERS] };
        }
        // Not the function's address: functions that were folded into one may still have arguments of other alignment.
        let address = core::ptr::from_ref(self).addr();
        LAST.with(|answers| {
            let last = &answers[address / size_of::<Self>() % ANSWERS];
            match last.get() {
                Some((probe, place)) if core::ptr::eq(probe, self) => Ok(place),
                _ => {
                    let place = self.ask()?;
                    last.set(Some((self, place)));
                    Ok(place)
                }
            }
        })
    }

    /// Calls the probe function among its marks.
    #[cold]
    fn ask(&self) -> Result<Place, Error> {
        /// Room beyond the arguments: what a convention reserves before them, the slot itself, and padding.
        const EXTRA_BYTES: usize = 256;
        /// Marks differ in bits that no alignment of a scalar or vector clears.
        const MIN_ALIGN: usize = 64;

        let ArgumentLayout { stack_bytes, largest_bytes, largest_align } = self.layout;
        let stride = largest_align.max(MIN_ALIGN);
        let stack_words = (stack_bytes + EXTRA_BYTES).div_ceil(size_of::<usize>());
        let marks = arch::REGISTERS + stack_words;

        // The marked memory: a stride for each mark, and the largest type behind the last. Then the marks.
        let marked_bytes = (marks * stride + largest_bytes).next_multiple_of(align_of::<usize>());
        let bytes = marked_bytes + marks * size_of::<usize>();
        let layout = Layout::from_size_align(bytes, stride).map_err(|_| Error::NoPlace)?;
        let mut room = MaybeUninit::<Room>::zeroed();
        let heap;
        let memory = if bytes <= size_of::<Room>() && stride <= align_of::<Room>() {
            room.as_mut_ptr().cast::<u8>()
        } else {
            heap = Memory::new(layout).ok_or(Error::Heap { bytes })?;
            heap.0
        };
        let base = memory.expose_provenance();

        #[allow(clippy::cast_ptr_alignment, reason = "the number of bytes before it is a multiple of a word's")]
        // SAFETY: zeroed memory behind what the marks lead to, within the layout, and aligned as its length is.
        let words = unsafe { core::slice::from_raw_parts_mut(memory.add(marked_bytes).cast::<usize>(), marks) };
        for (mark, word) in words.iter_mut().enumerate() {
            *word = base + mark * stride;
        }
        let (registers, stack) = words.split_at(arch::REGISTERS);
        let registers = registers.try_into().map_err(|_| Error::NoPlace)?;
        probe::ARRIVED.set(0);
        // SAFETY: `function` is a probe function, which takes whatever its registers and stack hold and reads none of it.
        unsafe { arch::call_marked(self.function, registers, stack) };

        let distance = probe::ARRIVED.get().wrapping_sub(base);
        if distance % stride != 0 || distance / stride >= marks {
            return Err(Error::NoPlace);
        }
        let mark = distance / stride;
        let align_mask = u32::try_from(stride - 1).map_err(|_| Error::NoPlace)?;
        let bytes = |bytes| u32::try_from(bytes).map_err(|_| Error::NoPlace);
        Ok(match mark.checked_sub(arch::REGISTERS) {
            None if mark < arch::REGISTERS - arch::SAVED_REGISTERS => Place::Register(mark),
            None => {
                Place::SavedRegister { bytes: bytes(stack_bytes.next_multiple_of(size_of::<usize>()))?, align_mask }
            }
            Some(word) => Place::Stack { bytes: bytes(word * size_of::<usize>())?, align_mask },
        })
    }
}

/// Enough for most signatures, so that asking needs no heap, which may have to ask the system.
#[repr(align(64))]
struct Room(#[expect(dead_code, reason = "it is written through a pointer")] [u8; 10 << 10]);

/// Zeroed memory for as long as a probe runs.
struct Memory(*mut u8, Layout);

impl Memory {
    fn new(layout: Layout) -> Option<Self> {
        // SAFETY: at least one mark's stride, so not of size zero.
        let memory = unsafe { std::alloc::alloc_zeroed(layout) };
        (!memory.is_null()).then_some(Self(memory, layout))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { std::alloc::dealloc(self.0, self.1) }
    }
}
