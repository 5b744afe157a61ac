//! Direct slots: those of the first few live trampolines. Their calls need no jump, no mapping and no system call.
//!
//! For each closure type the compiler makes the functions `thunk::<0>`, `thunk::<1>` and so on. Each of them reads a
//! slot of its own, at an address that is fixed when the program is linked, and runs the closure, inlined. Creating a
//! trampoline claims a free slot *i*, and C gets the type's thunk *i*.
//!
//! All closure types share the slots, so a thunk has to know whether the slot is its own. A claimed slot therefore
//! holds the *tag* of its owner's type, and a thunk ends the process if it finds another tag. So a call after the drop
//! is detected even if the slot belongs to a closure of another type by then. If the slot belongs to another closure of
//! the same type, both have the same C pointer. Then nobody can tell the late call from a call of the new closure.
//!
//! If only one thread may call, the tag is the type's tag plus the thread's number. So one comparison checks both.
//!
//! The tag is a value and not the thunk's address, because the address of a function does not identify it. Several
//! crates may contain copies of one function, and linkers and LLVM fold equal functions. A value in the code makes
//! different thunks unequal, and lets equal thunks be folded without harm.

use core::any::TypeId;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ptr::NonNull;

use super::call::{Call, sealed};
use crate::signature::{DIRECT_DEFAULT, DIRECT_MAX};
use crate::slot::compared::{FREE, RUNNING, SPENT, TAG_BITS};
use crate::slot::{Slot, State};
use crate::sync::{AtomicPtr, Ordering};
use crate::{misuse, thread};

/// Each has a cache line of its own, so that two threads that create and drop do not slow each other down.
#[repr(C, align(64))]
struct DirectSlot {
    slot: Slot,
    entry: AtomicPtr<()>,
}

static DIRECT: [DirectSlot; DIRECT_MAX] =
    [const { DirectSlot { slot: Slot::new(), entry: AtomicPtr::new(core::ptr::null_mut()) } }; DIRECT_MAX];

/// A call through a direct thunk, which has compared the slot's tag.
#[derive(Debug, Clone, Copy)]
pub struct DirectCall {
    slot: &'static Slot,
    tag: State,
}

impl sealed::Sealed for DirectCall {}

impl Call for DirectCall {
    const HAS_CHECKED_THREAD: bool = true;

    #[inline(always)] // on the path of every call, where the slot is a constant
    fn address(self) -> NonNull<Slot> {
        NonNull::from(self.slot)
    }

    #[inline]
    unsafe fn release(self) {
        release(self.slot);
    }

    // This is made from a constant and the thread, and not from the loaded word. So restoring the state does not wait
    // for the store of the call before.
    #[inline(always)]
    fn bound_state(self) -> State {
        self.tag
    }

    #[inline(always)] // on the path of every exclusive call
    fn running() -> State {
        RUNNING
    }

    fn spent() -> State {
        SPENT
    }

    #[inline(always)] // on the path of every exclusive call
    fn is_own(self, state: State) -> bool {
        state == self.tag
    }
}

/// A call of thunk `INDEX` of the type `T`. If the slot does not belong to the type, or belongs to another thread than
/// `thread`, this ends the process.
///
/// # Safety
/// * C has just called thunk `INDEX` of the type `T`, and no other value is made from that call.
/// * `thread` is the running thread if the type's slots are claimed with tags that contain a thread, and `None`
///   otherwise.
#[inline(always)] // compiles to a comparison with a constant and is the whole cost of a direct call
pub unsafe fn enter_direct<T: ?Sized, const INDEX: usize>(thread: Option<usize>) -> DirectCall {
    let slot = &DIRECT[INDEX].slot;
    let tag = core::ptr::without_provenance_mut(tag_of::<T>(thread));
    if slot.handler.load(Ordering::Relaxed) != tag {
        die(INDEX, self::tag::<T>(), thread.is_some());
    }
    DirectCall { slot, tag }
}

/// Ends the process, because a call came through a slot that does not belong to its type or its thread. The arguments
/// are constants, so that a call that gets in needs no register for them. The function is `extern "C"`, so that no
/// caller has to expect it to unwind.
#[cold]
#[inline(never)]
extern "C" fn die(index: usize, tag: usize, is_of_one_thread: bool) -> ! {
    let state = DIRECT[index].slot.handler.load(Ordering::Relaxed);
    // If the slot belongs to this type, the state minus the type's tag is the thread that made the closure.
    if is_of_one_thread && thread::made(state.addr().wrapping_sub(tag)) {
        misuse::called_from_another_thread()
    }
    DirectCall::die_of(state)
}

#[cfg(feature = "std")]
std::thread_local! {
    /// The slot where this thread begins to look for a free one, so that threads do not meet. Until the thread has
    /// looked once, this is a number that no slot has.
    static FIRST: core::cell::Cell<usize> = const { core::cell::Cell::new(usize::MAX) };
}

/// Claims the slot where this thread begins to look, if it is free and the type has a thunk for it.
#[inline]
pub(crate) fn claim_first(thunks: &[*const ()], tag: usize) -> Option<NonNull<Slot>> {
    #[cfg(feature = "std")]
    let first = FIRST.get();
    #[cfg(not(feature = "std"))]
    let first = 0;
    claim_at(first, thunks, tag)
}

#[inline]
fn claim_at(index: usize, thunks: &[*const ()], tag: usize) -> Option<NonNull<Slot>> {
    DIRECT.get(index)?.claim(*thunks.get(index)?, tag)
}

/// Finds a free slot for which a type with so many thunks has one. Another thread may claim it first.
#[inline]
pub(crate) fn find(thunks: usize) -> Option<usize> {
    let is_free = DirectSlot::is_free;
    match thunks {
        // Nearly all types have this number, and a constant number of slots needs no loop counter.
        DIRECT_DEFAULT => DIRECT[..DIRECT_DEFAULT].iter().position(is_free),
        _ => DIRECT.iter().take(thunks).position(is_free),
    }
}

/// Claims the slot that was found free, or another one.
#[cold]
pub(crate) fn claim_found(mut free: usize, thunks: &[*const ()], tag: usize) -> Option<NonNull<Slot>> {
    #[cfg(feature = "std")]
    if FIRST.get() == usize::MAX {
        static THREADS: crate::sync::AtomicUsize = crate::sync::AtomicUsize::new(0);
        FIRST.set(THREADS.fetch_add(1, Ordering::Relaxed) % DIRECT_DEFAULT);
        if let Some(claimed) = claim_first(thunks, tag) {
            return Some(claimed);
        }
    }
    loop {
        let claimed = claim_at(free, thunks, tag);
        if claimed.is_some() {
            return claimed;
        }
        free = find(thunks.len())?;
    }
}

impl DirectSlot {
    #[inline]
    fn is_free(&self) -> bool {
        self.slot.handler.load(Ordering::Relaxed) == FREE
    }

    /// Claims this slot. Returns the slot by a pointer that may access the whole `DirectSlot`.
    #[inline]
    fn claim(&'static self, thunk: *const (), tag: usize) -> Option<NonNull<Slot>> {
        let tag = core::ptr::without_provenance_mut(tag);
        if !self.is_free() {
            return None;
        }
        self.slot.handler.compare_exchange(FREE, tag, Ordering::Acquire, Ordering::Relaxed).ok()?;
        self.entry.store(thunk.cast_mut(), Ordering::Relaxed);
        Some(NonNull::from(self).cast())
    }
}

#[inline]
pub(crate) fn release(slot: &Slot) {
    slot.handler.store(FREE, Ordering::Release);
}

/// How many direct slots are taken.
#[cfg(feature = "std")]
pub(crate) fn live() -> usize {
    DIRECT.iter().filter(|direct| !direct.is_free()).count()
}

/// The thunk that leads to a slot.
///
/// # Safety
/// The slot was claimed here, and `slot` is the pointer that the claim returned.
#[inline]
pub(crate) unsafe fn entry(slot: NonNull<Slot>) -> *const () {
    // SAFETY: the pointer leads to a `DirectSlot`, which is static.
    unsafe { slot.cast::<DirectSlot>().as_ref() }.entry.load(Ordering::Relaxed)
}

/// The tag of a type, together with the one thread that may call, if only one may.
///
/// No other state has this value, because a thread's number has zeros where every tag has its bits.
#[inline(always)] // on the path of every call
pub(crate) fn tag_of<T: ?Sized>(thread: Option<usize>) -> usize {
    tag::<T>().wrapping_add(thread.unwrap_or(0))
}

/// A number that stands for the type `T`: a word of its `TypeId` that no other state equals.
///
/// Two types have the same number with a probability of 1 in 2^63 (2^31 on 32-bit processors). It would matter only for
/// a call after the drop.
#[inline(always)] // folds to a constant
pub(crate) fn tag<T: ?Sized>() -> usize {
    struct Low(u64);
    impl Hasher for Low {
        fn write(&mut self, bytes: &[u8]) {
            for &byte in bytes {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3); // FNV-1a
            }
        }
        fn write_u64(&mut self, low: u64) {
            self.0 ^= low;
        }
        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut low = Low(0);
    type_id::<T>().hash(&mut low);
    #[allow(clippy::cast_possible_truncation, reason = "a tag is as wide as a word")]
    let tag = low.0 as usize;
    tag | TAG_BITS
}

/// The `TypeId` of a type that may borrow. It ignores lifetimes, because they are erased from code as well.
fn type_id<T: ?Sized>() -> TypeId {
    trait Identify {
        fn identity(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T: ?Sized> Identify for PhantomData<T> {
        fn identity(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let phantom = PhantomData::<T>;
    // SAFETY: only the lifetime bound of the trait object changes. The method uses only the type's identity, which
    // contains no lifetimes.
    let identify = unsafe { core::mem::transmute::<&(dyn Identify + '_), &(dyn Identify + 'static)>(&phantom) };
    identify.identity()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::compared::ORPHANED;

    /// Half of the types have these bits in their `TypeId`.
    #[test]
    fn a_tag_is_no_state_of_another_meaning() {
        let some = [tag::<i8>(), tag::<i16>(), tag::<i32>(), tag::<i64>(), tag::<i128>(), tag::<f32>(), tag::<f64>()];
        let others = [tag::<bool>(), tag::<char>(), tag::<str>(), tag::<()>(), tag::<[u8]>(), tag::<Slot>()];
        for tag in some.into_iter().chain(others) {
            assert_eq!(tag & TAG_BITS, TAG_BITS);
        }
    }

    /// The thunk compares the slot. Then another thread's call, or the owner, changes it.
    #[test]
    fn a_call_that_comes_too_late_finds_the_state_of_another() {
        let [tag, other] = [tag::<u8>(), tag::<u16>()].map(core::ptr::without_provenance_mut);
        let call = DirectCall { slot: &DIRECT[0].slot, tag };
        assert!(call.is_own(tag));
        for state in [FREE, RUNNING, SPENT, ORPHANED, other] {
            assert!(!call.is_own(state));
        }
    }
}
