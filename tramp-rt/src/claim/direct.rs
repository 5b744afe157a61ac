//! Direct slots: the first few live trampolines, with no jump, no mapping and no system call.
//!
//! For a closure type the compiler makes the functions `thunk::<0>`, `thunk::<1>`, …, each reading a slot of its own at
//! an address fixed when the program is linked, and running the closure, inlined. Creating a trampoline claims a free
//! slot *i* and hands out the type's thunk *i*.
//!
//! All closure types share the slots, so a thunk must know whether the slot is its own. A claimed slot therefore holds
//! the *tag* of its owner's type, and a thunk dies on any other: a call after drop is caught even when the slot went
//! to a closure of another type. (When it went to another closure of the same type, the two are the same C pointer:
//! then the late call is, to C and to us, a call of the new one.)
//!
//! If one thread alone may call, the tag is the type's plus the thread's number. So one comparison checks both.
//!
//! The tag is a value and not the thunk's address. Addresses of functions say nothing of identity: crates have copies
//! of the same one, linkers and LLVM fold equal ones. A value in the code makes unequal thunks unequal and lets equal
//! ones be folded without harm.

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

/// One cache line each: two threads that create and drop do not disturb each other.
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

    // Of a constant and the thread, not what was loaded: restoring it does not wait for the store of the call before.
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

/// The slot of thunk `INDEX`, if it belongs to the type `T`, and to this `thread` if others may not call; any other call
/// ends here.
///
/// # Safety
/// * C has called thunk `INDEX` of the type `T` just now, and this is the only value that is made of that.
/// * `thread` is the running thread if slots of the type are claimed with tags that have one, and none if not.
#[inline(always)] // compiles to a comparison with a constant and is the whole cost of a direct call
pub unsafe fn enter_direct<T: ?Sized, const INDEX: usize>(thread: Option<usize>) -> DirectCall {
    let slot = &DIRECT[INDEX].slot;
    let tag = core::ptr::without_provenance_mut(tag_of::<T>(thread));
    if slot.handler.load(Ordering::Relaxed) != tag {
        die(INDEX, self::tag::<T>(), thread.is_some());
    }
    DirectCall { slot, tag }
}

/// The death of a call through a slot that is not its own, or not its thread's. It takes constants, so that a call that lives
/// needs no register for them; and it is C's, so that nobody has to expect it to unwind.
#[cold]
#[inline(never)]
extern "C" fn die(index: usize, tag: usize, is_of_one_thread: bool) -> ! {
    let state = DIRECT[index].slot.handler.load(Ordering::Relaxed);
    // What the state has more than the type's tag is the thread that made the closure, if it is of this type.
    if is_of_one_thread && thread::made(state.addr().wrapping_sub(tag)) {
        misuse::called_from_another_thread()
    }
    DirectCall::die_of(state)
}

#[cfg(feature = "std")]
std::thread_local! {
    /// Where this thread begins to look for a free slot, so that threads do not meet; no slot before it looked.
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

/// A slot that is free, and for which a type with so many thunks has one. It may go to another thread before it is claimed.
#[inline]
pub(crate) fn find(thunks: usize) -> Option<usize> {
    let is_free = DirectSlot::is_free;
    match thunks {
        // Of nearly all types, and nothing to count.
        DIRECT_DEFAULT => DIRECT[..DIRECT_DEFAULT].iter().position(is_free),
        _ => DIRECT.iter().take(thunks).position(is_free),
    }
}

/// Claims the slot that was found free, or another.
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

    /// The slot, by a pointer to what it lies in.
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
/// The slot was claimed here, and is by the pointer that came of that.
#[inline]
pub(crate) unsafe fn entry(slot: NonNull<Slot>) -> *const () {
    // SAFETY: the pointer is to a `DirectSlot`, which is static.
    unsafe { slot.cast::<DirectSlot>().as_ref() }.entry.load(Ordering::Relaxed)
}

/// The tag of a type whose closures one thread alone may call, or any.
///
/// The sum is unlike every other state, because a thread's number has zeros where a tag has its bits.
#[inline(always)] // on the path of every call
pub(crate) fn tag_of<T: ?Sized>(thread: Option<usize>) -> usize {
    tag::<T>().wrapping_add(thread.unwrap_or(0))
}

/// A number that stands for the type `T`: a word of its `TypeId`, unlike every other state.
///
/// Two types share a number with a probability of 1 in 2^63 (2^31 on 32-bit processors), and that would matter only
/// for a call after drop.
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

/// `TypeId` of a type that may borrow. Lifetimes do not count: they are erased from code as well.
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
    // SAFETY: only the lifetime bound of the trait object changes. The method reads nothing of the type but its
    // identity, which has no lifetimes in it.
    let identify = unsafe { core::mem::transmute::<&(dyn Identify + '_), &(dyn Identify + 'static)>(&phantom) };
    identify.identity()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::compared::ORPHANED;

    /// The thunk compared the slot before another thread's call, or the owner, changed it.
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
