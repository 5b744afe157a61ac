//! Where a closure is kept while C holds its function pointer, and how a call finds it there.
//!
//! ```text
//!   Inline   at most one word, nothing to drop     slot.context IS the keeper
//!   Static   no bytes, but a destructor            slot.context ──▶ static Header
//!   Heap     everything else                       slot.context ──▶ Header │ keeper           on the heap
//!   (scoped) everything but Inline                 slot.context ──▶ Header │ keeper           in the caller's frame
//!   by data  everything                            user data ──▶ slot, entry │ Header │ keeper   in one of the two
//! ```
//!
//! Which one applies depends on the type alone, so the code that runs the closure contains no test. The header holds
//! the one thing that a trampoline's owner, who no longer knows the closure's type, needs in order to drop it.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, align_of, needs_drop, offset_of, size_of};
use core::ptr::NonNull;

use alloc::alloc::{alloc, dealloc};

use super::threads::{Stamped, Threads};
use crate::claim::Claimed;
use crate::claim::call::{Call, is_taken, orphan};
use crate::claim::counted::Counter;
use crate::claim::data::Start;
use crate::claim::direct;
use crate::error::Error;
use crate::signature::UserData;
use crate::signature::panic::Pending;
use crate::slot::Slot;
use crate::slot::compared::{ORPHANED, RUNNING};
use crate::sync::Ordering;

pub(super) mod sealed {
    pub trait Sealed {}
}

/// What a slot's context leads to.
pub trait Keeper: sealed::Sealed + Sized {
    /// The closure inside.
    type Closure;
    /// Who may call it.
    type Threads: Threads;
    /// Whether a slot's state says that a call runs.
    #[doc(hidden)]
    const EXCLUSIVE: bool = false;

    /// Whether a call takes the closure.
    #[doc(hidden)]
    const ONCE: bool = false;

    /// A keeper of a closure that is to be called as `stamp` says.
    ///
    /// # Safety
    /// * The stamp is of this thread, and of a scope which lasts for as long as the keeper may be called.
    /// * `Self` is [`Permitted`], and the closure lives for as long as the keeper may be called or dropped.
    #[doc(hidden)]
    unsafe fn with_stamp(closure: Self::Closure, stamp: <Self::Threads as Threads>::Stamp) -> Self;

    /// A keeper that this thread makes.
    #[doc(hidden)]
    #[inline]
    fn new(closure: Self::Closure) -> Self
    where
        Self: Permitted + 'static,
        Self::Threads: Stamped,
    {
        // SAFETY: the stamp is this thread's and of no scope, and both bounds are above.
        unsafe { Self::with_stamp(closure, Self::Threads::stamp()) }
    }

    /// Where the stamp is.
    ///
    /// # Safety
    /// * `keeper` is valid.
    #[doc(hidden)]
    unsafe fn stamp(keeper: *const Self) -> *const <Self::Threads as Threads>::Stamp;

    /// Gives the closure back, uncalled.
    fn into_closure(self) -> Self::Closure;

    /// Where a panic of the call waits, if a scope resumes it.
    ///
    /// # Safety
    /// * `call` came through a slot that is bound to a `Self`, which outlives the call that `'call` stands for.
    #[doc(hidden)]
    #[inline(always)] // on the path of every call
    unsafe fn pending<'call, C: Call>(call: C) -> Option<&'call Pending> {
        if !Self::Threads::MAY_HAVE_PENDING {
            return None;
        }
        // SAFETY: the slot is bound to a `Self`, so that is what `locate` finds, and it is valid while the call is.
        let stamp = unsafe { Self::stamp(locate::<Self, C>(call).as_ptr()) };
        // SAFETY: the stamp is only ever read; and a keeper of a scope lies in its frame, which outlives the call.
        unsafe { Self::Threads::pending(&*stamp) }
    }

    /// Drops the closure, which no call has taken.
    ///
    /// # Safety
    /// * `keeper` is valid and not used again.
    #[doc(hidden)]
    #[inline]
    unsafe fn drop_untaken(keeper: *mut Self) {
        // SAFETY: the keeper is valid, and the caller uses it no more.
        unsafe { keeper.drop_in_place() }
    }

    /// Whether the calls have left the closure to be dropped.
    ///
    /// Read before `slot` is released, which the keeper was bound to.
    #[doc(hidden)]
    #[inline]
    fn is_left(slot: &Slot) -> bool {
        !Self::ONCE || !is_taken(slot)
    }
}

/// A keeper of a closure that the threads may have which call it: `Send` if they are others, and `Sync` if several may
/// call at once. Whatever binds a keeper demands it, whoever named the bounds of the closure, and how.
pub trait Permitted: Keeper {}

/// A keeper that no call takes the closure of, and which therefore may have an owner that drops it.
pub trait Owned: Permitted {}

#[repr(C)]
pub(crate) struct Header {
    drop: unsafe fn(NonNull<Header>),
}

/// A keeper behind its header.
#[repr(C)]
struct Block<K> {
    header: Header,
    keeper: K,
}

/// The same behind a slot of its own, which C's user data leads to.
#[repr(C, align(16))] // `Claimed::ALIGN`
struct DataBlock<K> {
    start: Start,
    block: Block<K>,
}

const _: () = assert!(align_of::<DataBlock<()>>() % Claimed::ALIGN == 0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Storage {
    Inline,
    Static,
    Heap,
}

const fn storage<K: Keeper>() -> Storage {
    let fits = size_of::<K>() <= size_of::<*mut ()>() && align_of::<K>() <= align_of::<*mut ()>();
    if fits && !needs_drop::<K::Closure>() && K::Threads::MAY_BE_INLINE {
        Storage::Inline
    } else if size_of::<K>() == 0 && align_of::<K>() <= align_of::<Header>() {
        Storage::Static
    } else {
        Storage::Heap
    }
}

/// Frees a block, however what is in it ends.
struct Free<B>(NonNull<B>);

impl<B> Drop for Free<B> {
    fn drop(&mut self) {
        // SAFETY: `allocate` gave the block with this layout, and what was in it is dropped or moved out.
        unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<B>()) }
    }
}

/// Memory for a block, which is never of size zero.
#[inline]
fn allocate<B>() -> Option<NonNull<B>> {
    // SAFETY: a block holds a header at least.
    NonNull::new(unsafe { alloc(Layout::new::<B>()) }.cast::<B>())
}

impl<K: Keeper> Block<K> {
    const STATIC: &'static Header = &Header { drop: Self::drop_static };

    const HEAP: Header = Header { drop: Self::drop_heap };

    /// # Safety
    /// `header` is [`Self::STATIC`] standing for a keeper that has not been dropped.
    unsafe fn drop_static(header: NonNull<Header>) {
        // SAFETY: the keeper has no bytes, its alignment is at most the header's, and it has not been dropped. Behind a
        // header that an owner drops through there is none that a call has taken.
        unsafe { K::drop_untaken(header.add(1).cast::<K>().as_ptr()) }
    }

    /// # Safety
    /// `header` begins a block made by [`keep`] that has not been dropped.
    unsafe fn drop_heap(header: NonNull<Header>) {
        let block = Free(header.cast::<Self>());
        // SAFETY: the keeper has not been dropped, and is not used again. Behind a header that an owner drops through there
        // is none that a call has taken.
        unsafe { K::drop_untaken(&raw mut (*block.0.as_ptr()).keeper) }
    }
}

impl<K: Keeper> DataBlock<K> {
    fn new(entry: *const (), keeper: K) -> Self {
        Self { start: Start::new(entry), block: Block { header: Header { drop: Self::drop_by_data }, keeper } }
    }

    /// # Safety
    /// `header` is that of a block made by [`keep_by_data`], which nothing has dropped.
    unsafe fn drop_by_data(header: NonNull<Header>) {
        // SAFETY: the header is inside a block of this type, one allocation, that nothing has dropped: the condition of
        // `drop_by_data`.
        unsafe { Self::drop_block(header.byte_sub(offset_of!(Self, block)).cast()) }
    }

    /// Drops what the calls have left, and frees the block also if that unwinds.
    ///
    /// # Safety
    /// `block` came from [`keep_by_data`]; no call comes any more, and nothing else drops it.
    unsafe fn drop_block(block: NonNull<Self>) {
        let block = Free(block);
        // SAFETY: the block is initialised, and stays until `Free` is dropped. No call comes, and nothing else drops it.
        unsafe { Self::drop_left(block.0.as_ptr()) }
    }

    /// Drops what the calls have left.
    ///
    /// # Safety
    /// `inside` is initialised; no call comes any more, and nothing drops its keeper again.
    unsafe fn drop_left(inside: *mut Self) {
        // SAFETY: initialised, and the start's fields are atomics.
        let start = unsafe { &(*inside).start };
        let is_left = K::is_left(&start.slot);
        if K::EXCLUSIVE || K::ONCE {
            start.close(); // the closure's destructor may be what calls
        }
        if is_left {
            // SAFETY: the keeper is initialised, no call took its closure, and it is not used again.
            unsafe { K::drop_untaken(&raw mut (*inside).block.keeper) }
        }
    }
}

/// Binds a claimed slot to a keeper that lives for as long as the slot's owner likes. The keeper is made of `parts` when
/// nothing can fail any more.
///
/// Returns the claim, marked if its context begins with a [`Header`] to be dropped through, and if calls can be seen.
pub(crate) fn keep<K: Keeper, P>(claimed: Claimed, parts: P, make: impl FnOnce(P) -> K) -> Result<Claimed, (Error, P)> {
    let claimed = if K::EXCLUSIVE { claimed.exclusive() } else { claimed };
    match storage::<K>() {
        Storage::Inline => {
            write_inline(claimed, make(parts));
            Ok(claimed)
        }
        Storage::Static => {
            core::mem::forget(make(parts)); // its place is any address, its destructor is in the header
            claimed.bind(core::ptr::from_ref(Block::<K>::STATIC).cast_mut().cast());
            Ok(claimed.owned())
        }
        Storage::Heap => {
            let Some(block) = allocate::<Block<K>>() else {
                return Err((Error::Heap { bytes: size_of::<Block<K>>() }, parts));
            };
            // SAFETY: freshly allocated for this very type.
            unsafe { block.write(Block { header: Block::<K>::HEAP, keeper: make(parts) }) };
            claimed.bind(block.as_ptr().cast());
            Ok(claimed.owned())
        }
    }
}

/// As [`keep`], of a closure whose calls are counted: always on the heap.
pub(crate) fn keep_counted<K: Keeper, P>(
    counter: &'static Counter,
    parts: P,
    make: impl FnOnce(P) -> K,
) -> Result<Claimed, (Error, P)> {
    let Some(block) = allocate::<Block<K>>() else {
        return Err((Error::Heap { bytes: size_of::<Block<K>>() }, parts));
    };
    // SAFETY: freshly allocated for this very type.
    unsafe { block.write(Block { header: Block::<K>::HEAP, keeper: make(parts) }) };
    counter.open(direct::tag::<K>(), block.as_ptr().cast());
    Ok(Claimed::counted(counter.slot()))
}

/// As [`keep`], where `entry` finds the keeper through user data.
pub(crate) fn keep_by_data<K: Keeper, P>(
    entry: *const (),
    parts: P,
    make: impl FnOnce(P) -> K,
) -> Result<Claimed, (Error, P)> {
    let Some(block) = allocate::<DataBlock<K>>() else {
        return Err((Error::Heap { bytes: size_of::<DataBlock<K>>() }, parts));
    };
    // SAFETY: freshly allocated for this very type.
    unsafe { block.write(DataBlock::new(entry, make(parts))) };
    let claimed = Claimed::by_data(block.cast());
    // SAFETY: inside the block.
    claimed.bind(unsafe { block.byte_add(offset_of!(DataBlock<K>, block)) }.as_ptr().cast());
    Ok(if K::EXCLUSIVE { claimed.exclusive() } else { claimed }.owned())
}

/// A place in the caller's frame for a keeper that is bound for the length of a scope.
///
/// An `UnsafeCell`, since C reaches the keeper through the slot while the scope holds the frame.
pub(crate) struct Frame<K: Keeper>(UnsafeCell<MaybeUninit<Block<K>>>);

impl<K: Keeper> Frame<K> {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Binds a claimed slot to a keeper that stays in this frame. Done once; the frame does not move afterwards.
    pub(crate) fn lend(&self, claimed: Claimed, keeper: K) {
        if storage::<K>() == Storage::Inline {
            write_inline(claimed, keeper);
        } else {
            // SAFETY: nothing was lent yet, so no one else knows the frame.
            unsafe { (*self.0.get()).write(Block { header: Block::<K>::HEAP, keeper }) };
            claimed.bind(self.0.get().cast());
        }
    }

    /// Ends what [`lend`](Self::lend) began: gives the slot back, and then drops the closure if no call took it.
    ///
    /// In this order, so that a call by the closure's destructor meets the poison, and the slot is free if that unwinds.
    ///
    /// # Safety
    /// `lend` was called with `claimed`, which nothing has released; this is done once, and no call comes any more.
    pub(crate) unsafe fn end(&self, claimed: Claimed) {
        let is_left = K::is_left(claimed.slot());
        // SAFETY: claimed by the one who lends, and not released yet.
        unsafe { claimed.release() };
        if storage::<K>() != Storage::Inline && is_left {
            // SAFETY: `lend` wrote the block, since the keeper is not inline; no call took the closure, and none comes
            // any more.
            unsafe { K::drop_untaken(&raw mut (*self.0.get().cast::<Block<K>>()).keeper) }
        }
    }
}

/// Lends a keeper, in the frame of this call, for as long as `body` runs with the user data that leads to it.
pub(crate) fn lend_by_data<K: Keeper, R>(keeper: K, body: impl FnOnce(UserData) -> R) -> R {
    // C reaches the block while this holds the frame.
    struct Loan<K: Keeper>(UnsafeCell<MaybeUninit<DataBlock<K>>>);
    impl<K: Keeper> Drop for Loan<K> {
        fn drop(&mut self) {
            // SAFETY: written below; the scope is over, so no call comes any more, and this is done once.
            unsafe { DataBlock::drop_left(self.0.get().cast::<DataBlock<K>>()) }
        }
    }
    let loan = Loan(UnsafeCell::new(MaybeUninit::new(DataBlock::new(core::ptr::null(), keeper))));
    body(loan.0.get().cast())
}

fn write_inline<K: Keeper>(claimed: Claimed, keeper: K) {
    let mut word = MaybeUninit::<*mut ()>::zeroed();
    // SAFETY: `Inline` means that a keeper fits a word in size and alignment.
    unsafe { word.as_mut_ptr().cast::<K>().write(keeper) };
    claimed.bind_bytes(word);
}

/// The keeper that a call leads to.
///
/// # Safety
/// The call's slot is bound to a keeper of type `K` by this module.
#[inline(always)] // on the path of every call: one load, an addition, or nothing
pub(crate) unsafe fn locate<K: Keeper, C: Call>(call: C) -> NonNull<K> {
    let keeper = if C::BY_DATA {
        // By the pointer to the whole block: a reference to the slot is one to two words.
        call.address().as_ptr().wrapping_byte_add(offset_of!(DataBlock<K>, block.keeper)).cast::<K>()
    } else if storage::<K>() == Storage::Inline {
        call.slot().context.as_ptr().cast::<K>()
    } else if K::Threads::COUNTED {
        // SAFETY: the slot was claimed with a counter, which `keep_counted` has opened.
        unsafe { Counter::of(call.slot()) }.kept().wrapping_byte_add(offset_of!(Block<K>, keeper)).cast::<K>()
    } else {
        call.slot().context.load(Ordering::Relaxed).wrapping_byte_add(offset_of!(Block<K>, keeper)).cast::<K>()
    };
    // SAFETY: the context of a bound slot is not null, and a slot's own address never is.
    unsafe { NonNull::new_unchecked(keeper) }
}

/// Drops the closure behind an owned context.
///
/// # Safety
/// `context` is that of a claim which [`keep`] marked as owned, and is not used again.
pub(crate) unsafe fn drop_owned(context: *mut ()) {
    // SAFETY: such a context is the address of a header, which is never null.
    unsafe {
        let header = NonNull::new_unchecked(context.cast::<Header>());
        (header.as_ref().drop)(header);
    }
}

/// Gives back the slot of a call whose closure was moved out, and frees what it was kept in.
///
/// # Safety
/// The slot has no owner but this call, and is bound to a keeper of type `K`.
pub(crate) unsafe fn free<K: Keeper, C: Call>(call: C) {
    // Where the closure was in the word itself, there may be bytes that were never written.
    let is_block = C::BY_DATA || storage::<K>() == Storage::Heap;
    let context = if is_block { call.slot().context.load(Ordering::Relaxed) } else { core::ptr::null_mut() };
    // SAFETY: the call is the slot's owner.
    unsafe { call.release() };
    if C::BY_DATA {
        // SAFETY: `keep_by_data` bound the slot, inside the block.
        drop(Free(unsafe {
            NonNull::new_unchecked(context.byte_sub(offset_of!(DataBlock<K>, block)).cast::<DataBlock<K>>())
        }));
    } else if is_block {
        // SAFETY: `keep` allocated the block; it is never null.
        drop(Free(unsafe { NonNull::new_unchecked(context.cast::<Block<K>>()) }));
    }
}

/// Gives back the slot of a call and drops the closure, because the owner was dropped while the call ran.
///
/// # Safety
/// The slot has no owner but this call, and is bound to a keeper of type `K` that [`keep`] or [`keep_by_data`] made and
/// nothing uses any more.
#[cold]
#[inline(never)]
pub(crate) unsafe fn end<K: Keeper, C: Call>(call: C) {
    let is_inline = !C::BY_DATA && storage::<K>() == Storage::Inline;
    let context = (!is_inline).then(|| call.slot().context.load(Ordering::Relaxed));
    // SAFETY: the call is the slot's owner. The closure is dropped afterwards, as its owner would have done.
    unsafe { call.release() };
    if let Some(context) = context {
        // SAFETY: what is not inline is behind a header; `keep` or `keep_by_data` made it, and nothing uses it any more.
        unsafe { drop_owned(context) }
    }
}

/// Ends a closure that C destroys by its user data.
///
/// # Safety
/// * `data` came from [`keep_by_data`] for this `K`.
/// * No call with it begins any more, and C destroys it once.
pub(crate) unsafe fn destroy<K: Keeper>(data: NonNull<()>) {
    let block = data.cast::<DataBlock<K>>();
    let inside = block.as_ptr();
    // SAFETY: the block is initialised; the stamp is only ever read.
    K::Threads::admit(unsafe { &*K::stamp(&raw const (*inside).block.keeper) });
    // SAFETY: the block is initialised, and stays while C may destroy it; the slot's fields are atomics.
    if K::EXCLUSIVE && orphan(unsafe { &(*inside).start.slot }, RUNNING, ORPHANED, K::Threads::ONLY_ONE) {
        return; // the call that runs will do it
    }
    // SAFETY: `keep_by_data` made the block of this type, no call comes any more, and C destroys once: the conditions
    // of `destroy`.
    unsafe { DataBlock::drop_block(block) }
}
