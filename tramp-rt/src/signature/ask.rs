//! Asking a signature's [probe](super::probe) where a thunk has to put the slot.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::MaybeUninit;

use super::probe::{self, ArgumentLayout, Probe};
use crate::arch::geometry::copied_arguments;
use crate::arch::{self, Place};
use crate::error::Error;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

const ANSWERS: usize = 8;

/// The place that a probe was told.
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
    /// The place of the slot, from this thread's last answers or by asking.
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
        // By a pointer, so that the place itself does not come through an `Option` of the thread's data.
        let answer = LAST.with(|answers| core::ptr::from_ref(&answers[self.number()]));
        // SAFETY: the thread's own, which has no destructor and is there until the thread is not.
        let Answer { probe, place } = unsafe { &*answer };
        if core::ptr::eq(probe.get(), self) { Some(place.get()) } else { None }
    }

    /// Where its answer is among the last ones. Not by the function's address: functions that were folded into one may still
    /// have arguments of other alignment.
    #[inline]
    fn number(&'static self) -> usize {
        // Probes lie an odd multiple of this apart, so that neighbours have other numbers, and a shift is enough to tell.
        const UNIT: usize = 2 * size_of::<usize>();
        const { assert!(size_of::<Probe>() / UNIT % 2 == 1) }
        core::ptr::from_ref(self).addr() / UNIT % ANSWERS
    }

    /// Calls the probe function among its marks.
    #[cold]
    fn ask(&self) -> Result<Place, Error> {
        let Some(function) = self.function else { return Ok(Place::Variadic) };
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
        // SAFETY: zeroed memory behind what the marks lead to, within the layout, and aligned as its length is.
        let words = unsafe { core::slice::from_raw_parts_mut(memory.add(marked_bytes).cast::<usize>(), places) };

        // One digit of the place after the other, from the lowest. Most places have one.
        let (mut found, mut weight) = (0, 1);
        while weight < places {
            for (place, word) in words.iter_mut().enumerate() {
                *word = base + place / weight % different * stride;
            }
            let (registers, stack) = words.split_at(arch::REGISTERS);
            let registers = registers.try_into().map_err(|_| Error::NoPlace)?;
            probe::ARRIVED.set(0);
            // SAFETY: this is a probe function, which takes whatever its registers and stack hold and reads none of
            // it.
            unsafe { arch::call_marked(function.as_ptr(), registers, stack) };

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

/// The marks of a probe, and the memory that they lead to.
struct Marks {
    /// In how many places the slot can be: the registers and the words of the stack.
    places: usize,
    /// How many marks differ from each other. With fewer than places, the probe is called again for each digit of a place.
    different: usize,
    /// How far what one mark leads to is from what the next one leads to.
    stride: usize,
    /// Where the marks themselves lie: behind a stride for each that differs, and the largest type behind the last.
    marked_bytes: usize,
    memory: Layout,
}

impl Marks {
    /// None if there are not that many addresses.
    fn of(layout: ArgumentLayout) -> Option<Self> {
        /// Room beyond the arguments: what a convention reserves before them, the slot itself, and padding.
        const EXTRA_BYTES: usize = 256;
        /// Marks differ in bits that no alignment of a scalar or vector clears.
        const MIN_ALIGN: usize = 64;
        /// What marks may lead to, if two of them do not need more.
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
