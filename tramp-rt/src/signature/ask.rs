//! Asks a signature's [probe](super::probe) where a thunk has to put the slot.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::MaybeUninit;

use super::probe::{self, ArgumentLayout, Probe, Question};
use crate::arch::geometry::copied_arguments;
use crate::arch::{self, Place};
use crate::error::Error;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

const ANSWERS: usize = 8;

/// A probe and its place.
struct Answer {
    probe: Cell<*const Probe>,
    place: Cell<Place>,
}

std::thread_local! {
    /// This thread's last answers.
    static LAST: [Answer; ANSWERS] =
        const { [const { Answer { probe: Cell::new(core::ptr::null()), place: Cell::new(Place::Register(0)) } }; ANSWERS] };
}

impl Probe {
    /// The place of the slot. Comes from this thread's last answers, or from the probe.
    pub(crate) fn place(&'static self) -> Result<Place, Error> {
        self.known_place().map_or_else(|| self.learn(), Ok)
    }

    #[cold]
    fn learn(&'static self) -> Result<Place, Error> {
        let place = self.ask()?;
        LAST.with(|answers| {
            answers[self.number()].probe.set(self);
            answers[self.number()].place.set(place);
        });
        Ok(place)
    }

    /// The place of the slot, if it is among this thread's last answers.
    #[inline]
    pub(crate) fn known_place(&'static self) -> Option<Place> {
        // Through a pointer, because an `Option` of the thread's data would copy the place itself.
        let answer = LAST.with(|answers| core::ptr::from_ref(&answers[self.number()]));
        // SAFETY: this is the thread's own data. It has no destructor, so it stays until the thread ends.
        let Answer { probe, place } = unsafe { &*answer };
        if core::ptr::eq(probe.get(), self) { Some(place.get()) } else { None }
    }

    /// The index of this probe's answer among the last ones. It does not depend on the function's address, because
    /// functions that were folded into one may still have arguments of different alignment.
    #[inline]
    fn number(&'static self) -> usize {
        // Probes lie an odd multiple of this apart. So neighbours have different numbers, and a shift computes the
        // number.
        const UNIT: usize = size_of::<usize>();
        const { assert!(size_of::<Probe>() / UNIT % 2 == 1) }
        core::ptr::from_ref(self).addr() / UNIT % ANSWERS
    }

    /// Calls the probe function with a mark in each place.
    #[cold]
    fn ask(&self) -> Result<Place, Error> {
        let function = match self.question {
            Question::Call(function) => function,
            Question::Variadic => return Ok(Place::Variadic),
            Question::Dynamic => return Ok(Place::Dynamic),
        };
        let Marks { places, different, stride, marked_bytes, memory: layout } =
            Marks::of(self.layout).ok_or(Error::NoPlace)?;
        let bytes = layout.size();
        let mut room = MaybeUninit::<Room>::zeroed();
        let heap;
        let memory = if bytes <= size_of::<Room>() && layout.align() <= align_of::<Room>() {
            room.as_mut_ptr().cast::<u8>()
        } else {
            heap = Memory::new(layout).ok_or(Error::Heap { bytes })?;
            heap.0
        };
        let base = memory.expose_provenance();

        #[allow(clippy::cast_ptr_alignment, reason = "the number of bytes before it is a multiple of a word's")]
        // SAFETY: the layout has room for `places` words behind the marked bytes. The memory is zeroed, and aligned for
        // words.
        let words = unsafe { core::slice::from_raw_parts_mut(memory.add(marked_bytes).cast::<usize>(), places) };

        // Finds one digit of the place after the other, beginning with the lowest. Most places have one digit.
        let (mut found, mut weight) = (0, 1);
        while weight < places {
            for (place, word) in words.iter_mut().enumerate() {
                *word = base + place / weight % different * stride;
            }
            let (registers, stack) = words.split_at(arch::REGISTERS);
            let registers = registers.try_into().map_err(|_| Error::NoPlace)?;
            probe::ARRIVED.set(0);
            // SAFETY: this is a probe function. It takes whatever is in its registers and on its stack, and reads none
            // of it.
            unsafe { arch::call_marked(function, registers, stack) };

            let distance = probe::ARRIVED.get().wrapping_sub(base);
            if distance % stride != 0 || distance / stride >= different {
                return Err(Error::NoPlace);
            }
            found += distance / stride * weight;
            weight = weight.saturating_mul(different);
        }

        let ArgumentLayout { arguments, stack_bytes, argument_align, .. } = self.layout;
        let copied = |bytes| copied_arguments(bytes, argument_align).ok_or(Error::NoPlace);
        Ok(match found.checked_sub(arch::REGISTERS) {
            None if found < arch::REGISTERS - arch::SAVED_REGISTERS => Place::Register(found),
            None => {
                let bytes = stack_bytes.min(arch::saved_register_bytes(arguments));
                Place::SavedRegister(copied(bytes.next_multiple_of(size_of::<usize>()))?)
            }
            Some(word) if found < places => Place::Stack(copied(word * size_of::<usize>())?),
            Some(_) => return Err(Error::NoPlace),
        })
    }
}

/// The marks of a probe, and the memory to which they point.
struct Marks {
    /// The number of places in which the slot can be: the registers and the words of the stack.
    places: usize,
    /// How many marks differ from each other. If these are fewer than `places`, the probe is called once for each digit
    /// of the place.
    different: usize,
    /// The number of bytes from the target of one mark to the target of the next.
    stride: usize,
    /// The offset of the marks themselves. In front of them are one stride for each different mark, and the largest
    /// type behind the last stride.
    marked_bytes: usize,
    memory: Layout,
}

impl Marks {
    /// Returns nothing if there are not that many addresses.
    fn of(layout: ArgumentLayout) -> Option<Self> {
        /// Room beyond the arguments: for what a convention reserves before them, for the slot itself, and for padding.
        const EXTRA_BYTES: usize = 256;
        /// Marks differ in bits that no alignment of a scalar or vector clears.
        const MIN_ALIGN: usize = 64;
        /// The most bytes to which marks may point, unless two of them need more.
        const MOST_BYTES: usize = 64 << 10;
        const WORD: usize = size_of::<usize>();

        let ArgumentLayout { stack_bytes, largest_bytes, largest_align, .. } = layout;
        let stride = largest_align.max(MIN_ALIGN);
        let places = arch::REGISTERS + stack_bytes.checked_add(EXTRA_BYTES)?.div_ceil(WORD);
        let different = places.min((MOST_BYTES / stride).max(2));
        let marked_bytes = different.checked_mul(stride)?.checked_add(largest_bytes)?.checked_next_multiple_of(WORD)?;
        let bytes = places.checked_mul(WORD)?.checked_add(marked_bytes)?;
        Some(Self { places, different, stride, marked_bytes, memory: Layout::from_size_align(bytes, stride).ok()? })
    }
}

/// Enough for most signatures. So the probe needs no heap, whose allocator may have to make system calls.
#[repr(align(64))]
struct Room(#[expect(dead_code, reason = "it is written through a pointer")] [u8; 10 << 10]);

/// Zeroed memory while a probe runs.
struct Memory(*mut u8, Layout);

impl Memory {
    fn new(layout: Layout) -> Option<Self> {
        // SAFETY: the layout has at least one stride, so its size is not zero.
        let memory = unsafe { std::alloc::alloc_zeroed(layout) };
        (!memory.is_null()).then_some(Self(memory, layout))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `new` allocated it with this layout.
        unsafe { std::alloc::dealloc(self.0, self.1) }
    }
}
