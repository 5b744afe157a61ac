//! Claims a slot for a closure type: a direct slot while one is free, otherwise a mapped one.
//!
//! This layer asks `signature` where the slot has to travel, and `table` for a slot that travels there. It knows no
//! closure.

pub(crate) mod call;
pub(crate) mod counted;
pub(crate) mod data;
pub(crate) mod direct;

use core::mem::MaybeUninit;
use core::ptr::NonNull;

#[cfg(feature = "mapped")]
use self::call::{Call, MappedCall};
use self::counted::Counter;
use self::data::Start;
#[cfg(feature = "mapped")]
use crate::arch::Place;
use crate::error::Error;
use crate::signature::probe::Probe;
use crate::signature::{Code, UserData};
use crate::slot::{Slot, compared};
use crate::sync::Ordering;
#[cfg(feature = "mapped")]
use crate::table::protected::Window;

/// A claimed slot, in one word: the slot's address. The low bits, which are zero in such an address, hold what a drop
/// has to know.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Claim(NonNull<Slot>);

#[cfg(feature = "mapped")]
const _: () = assert!(crate::arch::THUNK_BYTES % Claim::ALIGN == 0, "slots are as far apart as thunks");

// SAFETY: a `Claim` is only an address. Its owner decides what each thread may do with it.
unsafe impl Send for Claim {}
// SAFETY: `&Claim` gives a copy of the address, which may be sent.
unsafe impl Sync for Claim {}

impl Claim {
    /// The slot is one of the static direct slots.
    const DIRECT: usize = 1;
    /// `context` points to a `storage::Header` that says how the closure is dropped.
    const OWNED: usize = 2;
    /// The slot is a protected one.
    const PROTECTED: usize = 4;
    /// This is not a claimed slot. It leads to what C's user data points to. No direct slot is protected, so the two
    /// bits together are free.
    const BY_DATA: usize = Self::DIRECT | Self::PROTECTED;
    /// A running call leaves a trace: it changes the slot's state, or it is counted.
    const SEEN: usize = 8;
    /// The slot has a counter. The bits are free, because no call changes the state of a protected slot.
    const COUNTED: usize = Self::PROTECTED | Self::SEEN;
    const BITS: usize = Self::DIRECT | Self::OWNED | Self::PROTECTED | Self::SEEN;
    /// The address of a slot, and of what user data points to, is a multiple of this.
    pub(crate) const ALIGN: usize = Self::BITS + 1;

    #[cfg(feature = "mapped")]
    #[inline]
    const fn mapped(slot: NonNull<Slot>) -> Self {
        Self(slot)
    }

    #[inline]
    pub(crate) fn direct(slot: NonNull<Slot>) -> Self {
        Self(slot.map_addr(|address| address | Self::DIRECT))
    }

    #[cfg(feature = "mapped")]
    fn protected(slot: NonNull<Slot>) -> Self {
        Self(slot.map_addr(|address| address | Self::PROTECTED))
    }

    /// A mapped slot that always stays with its counter.
    pub(crate) fn counted(slot: NonNull<Slot>) -> Self {
        Self(slot.map_addr(|address| address | Self::COUNTED))
    }

    /// `start` begins a block that lives for as long as the claim.
    #[inline]
    pub(crate) fn by_data(start: NonNull<Start>) -> Self {
        Self(start.cast().map_addr(|address| address | Self::BY_DATA))
    }

    #[inline]
    pub(crate) fn owned(self) -> Self {
        Self(self.0.map_addr(|address| address | Self::OWNED))
    }

    #[inline]
    pub(crate) fn seen(self) -> Self {
        Self(self.0.map_addr(|address| address | Self::SEEN))
    }

    #[inline]
    pub(crate) fn is_seen(self) -> bool {
        self.0.addr().get() & Self::SEEN != 0
    }

    #[inline]
    pub(crate) fn is_owned(self) -> bool {
        self.0.addr().get() & Self::OWNED != 0
    }

    /// The counter of the slot's calls, if they are counted.
    #[inline]
    pub(crate) fn counter(self) -> Option<&'static Counter> {
        let is_counted = self.0.addr().get() & (Self::DIRECT | Self::COUNTED) == Self::COUNTED;
        // SAFETY: the slot was claimed with a counter, as the bits say.
        is_counted.then(|| unsafe { Counter::of(self.slot()) })
    }

    /// Lets no more calls into the slot of an exclusive closure, because its owner is being dropped. Returns whether a
    /// call is running. If so, that call does the rest.
    #[inline]
    pub(crate) fn orphan(self, only_one: bool) -> bool {
        #[cfg(feature = "mapped")]
        if self.0.addr().get() & Self::DIRECT == 0 {
            let running = <MappedCall as Call>::running();
            return call::orphan(self.slot(), running, MappedCall::orphaned(), only_one);
        }
        call::orphan(self.slot(), compared::RUNNING, compared::ORPHANED, only_one)
    }

    /// Whether the slot is a direct one whose running calls leave no trace.
    #[inline]
    pub(crate) fn is_direct_unseen(self) -> bool {
        self.0.addr().get() & (Self::BY_DATA | Self::SEEN) == Self::DIRECT
    }

    #[inline]
    pub(crate) fn is_direct(self) -> bool {
        self.0.addr().get() & Self::BY_DATA == Self::DIRECT
    }

    #[inline]
    fn is_by_data(self) -> bool {
        self.0.addr().get() & Self::BY_DATA == Self::BY_DATA
    }

    /// The slot, by a pointer that may access all that the slot lies in: the region's slots, or the block.
    #[inline]
    fn address(self) -> NonNull<Slot> {
        let slot = self.0.as_ptr().map_addr(|address| address & !Self::BITS);
        // SAFETY: a `Claim` is made from the address of a slot, plus bits that are cleared here. So the address is not
        // null.
        unsafe { NonNull::new_unchecked(slot) }
    }

    /// What C passes to the entry as user data.
    #[inline]
    pub(crate) fn user_data(self) -> UserData {
        self.address().as_ptr().cast()
    }

    #[inline]
    pub(crate) fn slot(self) -> &'static Slot {
        // SAFETY: the slot is static, or mapped until the process ends, or the beginning of a block that lives as long
        // as the claim. All its fields are atomics.
        unsafe { self.address().as_ref() }
    }

    /// The function pointer that C calls.
    #[inline]
    pub(crate) fn entry(self) -> *const () {
        if self.is_by_data() { data::entry(self.address().cast()) } else { self.thunk() }
    }

    /// Like [`entry`](Self::entry), for a slot that has a thunk. Not for user data.
    #[inline]
    pub(crate) fn thunk(self) -> *const () {
        #[cfg(feature = "mapped")]
        if self.0.addr().get() & Self::DIRECT == 0 {
            return crate::table::entry(self.address());
        }
        // SAFETY: the slot was claimed as a direct one, and the claim has the pointer that it was claimed by.
        unsafe { direct::entry(self.address()) }
    }

    #[inline]
    pub(crate) fn context(self) -> *mut () {
        self.slot().context.load(Ordering::Relaxed)
    }

    /// Stores the closure's word. Every thread that receives the entry later sees this word, because handing a pointer
    /// to another thread synchronises the two, in Rust as in C.
    #[inline]
    pub(crate) fn bind(self, context: *mut ()) {
        self.slot().context.store(context, Ordering::Relaxed);
    }

    /// Has the code that the slot was claimed for tell it what it has to know of its callee, before C gets the entry.
    ///
    /// # Safety
    /// * The slot was claimed with this code, and is bound to a callee of it.
    /// * It is the caller's alone, and can be written.
    #[inline]
    pub(crate) unsafe fn tell(self, code: &'static Code) {
        if let Some(tell) = code.tell {
            // SAFETY: the slot was claimed with this code, is bound, and the caller's alone: the conditions of `tell`.
            unsafe { tell(self.address().cast()) }
        }
    }

    /// Like [`bind`](Self::bind), for a word that may have bytes that were never written.
    #[inline]
    pub(crate) fn bind_bytes(self, word: MaybeUninit<*mut ()>) {
        // SAFETY: from claim to release, only the owner accesses a slot's word. Both types have the same size and
        // alignment.
        unsafe { self.slot().context.as_ptr().cast::<MaybeUninit<*mut ()>>().write(word) }
    }

    /// Like [`release`](Self::release), for a slot from [`claim`]. Such a slot is neither protected nor behind user
    /// data.
    ///
    /// # Safety
    /// The caller owns the slot, and nobody releases it again, neither by this claim nor by a copy of it.
    #[inline]
    pub(crate) unsafe fn release_claimed(self) {
        #[cfg(feature = "mapped")]
        if self.0.addr().get() & Self::DIRECT == 0 {
            // SAFETY: the slot is mapped. The caller owns it, and nobody releases it again.
            return unsafe { crate::table::release::<true>(self.address()) };
        }
        direct::release(self.slot());
    }

    /// Gives the slot back. Its closure's calls are not counted. Later calls end with a message. Returns whether that
    /// was possible. It is impossible only for a protected slot that can no longer be written; that slot stays bound.
    ///
    /// # Safety
    /// The caller owns the slot, and nobody releases it again, neither by this claim nor by a copy of it.
    #[inline]
    pub(crate) unsafe fn release(self) -> bool {
        if self.is_direct() {
            direct::release(self.slot());
            return true;
        }
        if self.is_by_data() {
            return true; // the slot goes with the block
        }
        #[cfg(feature = "mapped")]
        // SAFETY: the bits say which kind of slot it is. The caller owns it, and nobody releases it again.
        unsafe {
            if self.0.addr().get() & Self::PROTECTED != 0 {
                return crate::table::protected::release(self.address());
            }
            crate::table::release::<true>(self.address());
        }
        true
    }
}

impl core::fmt::Debug for Claim {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Slot").field("entry", &self.entry()).field("direct", &self.is_direct()).finish()
    }
}

/// Claims a slot for a closure type with the code `code`.
///
/// `tag` stands for the closure's type and its signature. `probe` asks the compiler where the signature's extra
/// argument travels.
#[inline]
pub(crate) fn claim(code: &'static Code, tag: usize, probe: &'static Probe) -> Result<Claim, Error> {
    match direct::claim_first(thunks(code), tag).map(Claim::direct).or_else(|| claim_at_hand::<true>(code, tag, probe))
    {
        Some(claimed) => Ok(claimed),
        None => claim_elsewhere(code, probe),
    }
}

#[inline]
fn thunks(code: &'static Code) -> &'static [*const ()] {
    &code.direct[..code.direct_count]
}

/// Takes any free direct slot, or a mapped one that this thread has at hand.
///
/// The parameter makes the compiler compile this function in the crate that creates trampolines, as it does with every
/// generic function. If that crate is a program, the compiler knows the address of the thread's data. In this crate it
/// would have to call a function for that address, and such a call may change any register.
#[cfg_attr(not(feature = "mapped"), expect(unused_variables, reason = "only mapped slots need the probe"))]
#[inline(never)]
fn claim_at_hand<const IN_USERS_CRATE: bool>(code: &'static Code, tag: usize, probe: &'static Probe) -> Option<Claim> {
    // Each of the functions is called last. So no register has to be saved across the call.
    if let Some(free) = direct::find(code.direct_count) {
        return claim_found(free, code, tag);
    }
    #[cfg(feature = "mapped")]
    return match probe.known_place()? {
        place @ Place::Register(_) => crate::table::claim_at_hand(code.handler, place).map(Claim::mapped),
        Place::SavedRegister(_) | Place::Stack(_) | Place::Variadic | Place::Dynamic => {
            claim_stack_at_hand(code, probe)
        }
    };
    #[cfg(not(feature = "mapped"))]
    None
}

/// Takes a mapped slot of the stack's table. It is a function of its own, so that other slots are claimed with few
/// registers.
#[cfg(feature = "mapped")]
#[inline(never)]
fn claim_stack_at_hand(code: &'static Code, probe: &'static Probe) -> Option<Claim> {
    crate::table::claim_at_hand(code.handler, probe.known_place()?).map(Claim::mapped)
}

#[cold]
#[inline(never)]
fn claim_found(free: usize, code: &'static Code, tag: usize) -> Option<Claim> {
    direct::claim_found(free, thunks(code), tag).map(Claim::direct)
}

/// Claims a mapped slot that this thread does not have at hand.
#[cfg_attr(not(feature = "mapped"), expect(unused_variables, reason = "only mapped slots need the probe"))]
#[cold]
fn claim_elsewhere(code: &'static Code, probe: &'static Probe) -> Result<Claim, Error> {
    #[cfg(feature = "mapped")]
    return crate::table::claim(code.handler, place(probe)?).map(Claim::mapped);
    #[cfg(not(feature = "mapped"))]
    Err(Error::Unsupported(crate::error::Unsupported::Feature))
}

/// The place of a signature's slot, if this target has mapped slots at all.
#[cfg(feature = "mapped")]
#[inline]
fn place(probe: &'static Probe) -> Result<Place, Error> {
    crate::table::supported()?;
    probe.place()
}

/// Claims a protected slot. It can be bound while the caller holds the window.
#[cfg(feature = "mapped")]
pub(crate) fn claim_protected(code: &'static Code, probe: &'static Probe) -> Result<(Claim, Window), Error> {
    let (slot, window) = crate::table::protected::claim(code.handler, place(probe)?)?;
    Ok((Claim::protected(slot), window))
}

/// Claims a slot with a counter. The counter stops every call until it is opened.
#[cfg(feature = "mapped")]
pub(crate) fn claim_counted(code: &'static Code, probe: &'static Probe) -> Result<&'static Counter, Error> {
    counted::claim(code.handler, place(probe)?)
}

#[cfg(not(feature = "mapped"))]
pub(crate) fn claim_counted(_: &'static Code, _: &'static Probe) -> Result<&'static Counter, Error> {
    Err(Error::Unsupported(crate::error::Unsupported::Feature))
}

/// Without mapped slots, there are no protected ones.
#[cfg(not(feature = "mapped"))]
pub(crate) enum Window {}

#[cfg(not(feature = "mapped"))]
impl Window {
    pub(crate) fn close(self) {
        match self {}
    }
}

#[cfg(not(feature = "mapped"))]
pub(crate) fn claim_protected(_: &'static Code, _: &'static Probe) -> Result<(Claim, Window), Error> {
    Err(Error::Unsupported(crate::error::Unsupported::Feature))
}

/// Claims mapped slots for a signature in advance.
pub(crate) fn reserve(count: usize, probe: &'static Probe) -> Result<(), Error> {
    #[cfg(feature = "mapped")]
    return crate::table::reserve(count, place(probe)?);
    #[cfg(not(feature = "mapped"))]
    {
        let _ = (count, probe);
        Err(Error::Unsupported(crate::error::Unsupported::Feature))
    }
}
