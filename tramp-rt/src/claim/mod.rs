//! Claiming a slot for a closure type: a direct one while there is one, else a mapped one.
//!
//! Asks `signature` where the slot has to travel and `table` for one that does; knows no closure.

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

/// A claimed slot, in one word: the address of the slot and, in the bits its alignment leaves free, what dropping has
/// to know.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Claim(NonNull<Slot>);

#[cfg(feature = "mapped")]
const _: () = assert!(crate::arch::THUNK_BYTES % Claim::ALIGN == 0, "slots are as far apart as thunks");

// SAFETY: a `Claim` is an address. What may be done with it from which thread is its owner's to decide.
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
    /// It is no slot, but what C's user data leads to. No direct slot is protected.
    const BY_DATA: usize = Self::DIRECT | Self::PROTECTED;
    /// A call that runs can be seen: it changes the slot's state, or is counted.
    const SEEN: usize = 8;
    /// The slot has a counter. No call changes the state of a protected one.
    const COUNTED: usize = Self::PROTECTED | Self::SEEN;
    const BITS: usize = Self::DIRECT | Self::OWNED | Self::PROTECTED | Self::SEEN;
    /// What the address of a slot, or of what user data leads to, is a multiple of.
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

    /// A mapped slot that stays with its counter.
    pub(crate) fn counted(slot: NonNull<Slot>) -> Self {
        Self(slot.map_addr(|address| address | Self::COUNTED))
    }

    /// `start` begins a block that is there for as long as the claim is.
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

    /// What counts the calls, if they are counted.
    #[inline]
    pub(crate) fn counter(self) -> Option<&'static Counter> {
        let is_counted = self.0.addr().get() & (Self::DIRECT | Self::COUNTED) == Self::COUNTED;
        // SAFETY: the slot was claimed with a counter, as the bits say.
        is_counted.then(|| unsafe { Counter::of(self.slot()) })
    }

    /// Keeps calls to come out of the slot of an exclusive closure, because its owner is dropped. Returns whether a call
    /// runs, to which everything else is left then.
    #[inline]
    pub(crate) fn orphan(self, only_one: bool) -> bool {
        #[cfg(feature = "mapped")]
        if self.0.addr().get() & Self::DIRECT == 0 {
            let running = <MappedCall as Call>::running();
            return call::orphan(self.slot(), running, MappedCall::orphaned(), only_one);
        }
        call::orphan(self.slot(), compared::RUNNING, compared::ORPHANED, only_one)
    }

    /// Whether the slot is a direct one and no call that runs can be seen.
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

    /// The slot, by a pointer to all that it lies in: the region's slots, or the block.
    #[inline]
    fn address(self) -> NonNull<Slot> {
        let slot = self.0.as_ptr().map_addr(|address| address & !Self::BITS);
        // SAFETY: a `Claim` is made of the address of a slot, of which only bits were set that are cleared here.
        unsafe { NonNull::new_unchecked(slot) }
    }

    /// What C passes to the entry, if it is reached so.
    #[inline]
    pub(crate) fn user_data(self) -> UserData {
        self.address().as_ptr().cast()
    }

    #[inline]
    pub(crate) fn slot(self) -> &'static Slot {
        // SAFETY: slots are static or mapped for as long as the process lives, or begin a block that lives as long as the
        // claim; and all their fields are atomics.
        unsafe { self.address().as_ref() }
    }

    /// The function pointer that C calls.
    #[inline]
    pub(crate) fn entry(self) -> *const () {
        if self.is_by_data() { data::entry(self.address().cast()) } else { self.thunk() }
    }

    /// As [`entry`](Self::entry), of a slot that has a thunk: not of user data.
    #[inline]
    pub(crate) fn thunk(self) -> *const () {
        #[cfg(feature = "mapped")]
        if self.0.addr().get() & Self::DIRECT == 0 {
            return crate::table::entry(self.address());
        }
        // SAFETY: a slot that was claimed as a direct one, and its address is of that pointer.
        unsafe { direct::entry(self.address()) }
    }

    #[inline]
    pub(crate) fn context(self) -> *mut () {
        self.slot().context.load(Ordering::Relaxed)
    }

    /// Stores the closure's word. Whoever is handed the entry afterwards sees it: making a pointer known to another
    /// thread is a synchronisation of its own, in Rust as in C.
    #[inline]
    pub(crate) fn bind(self, context: *mut ()) {
        self.slot().context.store(context, Ordering::Relaxed);
    }

    /// As [`bind`](Self::bind), of a word that may have bytes which were never written.
    #[inline]
    pub(crate) fn bind_bytes(self, word: MaybeUninit<*mut ()>) {
        // SAFETY: from claim to release a slot's word is its owner's alone; it is of the same size and alignment.
        unsafe { self.slot().context.as_ptr().cast::<MaybeUninit<*mut ()>>().write(word) }
    }

    /// As [`release`](Self::release), of a slot that came from [`claim`]: it is neither protected nor user data's.
    ///
    /// # Safety
    /// The caller owns the slot, and neither it nor a copy of it releases it again.
    #[inline]
    pub(crate) unsafe fn release_claimed(self) {
        #[cfg(feature = "mapped")]
        if self.0.addr().get() & Self::DIRECT == 0 {
            // SAFETY: a mapped slot, whose owner, who claimed it, releases it once.
            return unsafe { crate::table::release::<true>(self.address()) };
        }
        direct::release(self.slot());
    }

    /// Gives the slot back, of a closure whose calls are not counted; calls that come later die by name. Returns whether that
    /// was possible: only a protected slot may have become one that cannot be written, and stays bound then.
    ///
    /// # Safety
    /// The caller owns the slot, and neither it nor a copy of it releases it again.
    #[inline]
    pub(crate) unsafe fn release(self) -> bool {
        if self.is_direct() {
            direct::release(self.slot());
            return true;
        }
        if self.is_by_data() {
            return true; // it goes with the block
        }
        #[cfg(feature = "mapped")]
        // SAFETY: the bits say which kind the slot is of; its owner, who claimed it, releases it once.
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

/// Claims a slot for the closure type whose code `code` is.
///
/// `tag` names the type and its signature, `probe` asks the compiler where the signature's extra argument lives.
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

/// Any free direct slot, or a mapped one that this thread has at hand.
///
/// The parameter has this compiled in the crate that creates trampolines, as all that has parameters is. If that is a program,
/// the compiler knows where the thread's data lies. Here it would have a function called that might change any register.
#[cfg_attr(not(feature = "mapped"), expect(unused_variables, reason = "only mapped slots need the probe"))]
#[inline(never)]
fn claim_at_hand<const IN_USERS_CRATE: bool>(code: &'static Code, tag: usize, probe: &'static Probe) -> Option<Claim> {
    // Each function is called last, so that no register has to be saved for what comes behind it.
    if let Some(free) = direct::find(code.direct_count) {
        return claim_found(free, code, tag);
    }
    #[cfg(feature = "mapped")]
    return match probe.known_place()? {
        place @ Place::Register(_) => crate::table::claim_at_hand(code.handler, place).map(Claim::mapped),
        Place::SavedRegister(_) | Place::Stack(_) | Place::Variadic => claim_stack_at_hand(code, probe),
    };
    #[cfg(not(feature = "mapped"))]
    None
}

/// A mapped slot of the stack's table. Apart, so that others are claimed with few registers.
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

/// Where the slot of a signature travels, if there are mapped slots at all.
#[cfg(feature = "mapped")]
#[inline]
fn place(probe: &'static Probe) -> Result<Place, Error> {
    crate::table::supported()?;
    probe.place()
}

/// Claims a protected slot. It can be bound while what comes with it is held.
#[cfg(feature = "mapped")]
pub(crate) fn claim_protected(code: &'static Code, probe: &'static Probe) -> Result<(Claim, Window), Error> {
    let (slot, window) = crate::table::protected::claim(code.handler, place(probe)?)?;
    Ok((Claim::protected(slot), window))
}

/// Claims a slot with a counter, which no call passes before it is opened.
#[cfg(feature = "mapped")]
pub(crate) fn claim_counted(code: &'static Code, probe: &'static Probe) -> Result<&'static Counter, Error> {
    counted::claim(code.handler, place(probe)?)
}

#[cfg(not(feature = "mapped"))]
pub(crate) fn claim_counted(_: &'static Code, _: &'static Probe) -> Result<&'static Counter, Error> {
    Err(Error::Unsupported(crate::error::Unsupported::Feature))
}

/// Without mapped slots there are no protected ones.
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

/// Puts mapped slots in stock for a signature.
pub(crate) fn reserve(count: usize, probe: &'static Probe) -> Result<(), Error> {
    #[cfg(feature = "mapped")]
    return crate::table::reserve(count, place(probe)?);
    #[cfg(not(feature = "mapped"))]
    {
        let _ = (count, probe);
        Err(Error::Unsupported(crate::error::Unsupported::Feature))
    }
}
