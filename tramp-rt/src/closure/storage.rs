//! Where a closure lies while C has its function pointer, and how a call finds it.
//!
//! ```text
//!   Inline   at most one word, nothing to drop     slot.context IS the callee
//!   Static   no bytes, but a destructor            slot.context ──▶ static Header
//!   Heap     everything else                       slot.context ──▶ Header │ callee              on the heap
//!   (lent)   everything except Inline              slot.context ──▶ Header │ callee              in the caller's frame
//!   by data  everything                            user data ──▶ slot, entry │ Header │ callee   in one of the two
//! ```
//!
//! The callee's type alone decides this, so the code of a call contains no test. A trampoline's owner no longer knows
//! the closure's type. The header says how to drop the closure.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, align_of, needs_drop, offset_of, size_of};
use core::ptr::NonNull;

use alloc::alloc::{alloc, dealloc};

use super::access::Access;
use super::callee::Callee;
use super::lease::{Count, Lease, Notified};
use super::threads::Threads;
use crate::claim::Claim;
use crate::claim::call::{Call, orphan};
use crate::claim::counted::Counter;
use crate::claim::data::Start;
use crate::claim::direct;
use crate::error::Error;
use crate::signature::UserData;
use crate::slot::compared::{ORPHANED, RUNNING};
use crate::sync::Ordering;

#[repr(C)]
pub(crate) struct Header {
    drop: unsafe fn(NonNull<Header>),
}

/// A callee behind its header.
#[repr(C)]
struct Block<K> {
    header: Header,
    callee: K,
}

/// A block behind a slot of its own. C's user data points to it.
#[repr(C, align(16))] // `Claim::ALIGN`
struct DataBlock<K> {
    start: Start,
    block: Block<K>,
}

const _: () = assert!(align_of::<DataBlock<()>>() % Claim::ALIGN == 0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Storage {
    Inline,
    Static,
    Heap,
}

impl<F, A: Access, T: Threads, L: Lease> Callee<F, A, T, L> {
    const STORAGE: Storage = {
        let fits = size_of::<Self>() <= size_of::<*mut ()>() && align_of::<Self>() <= align_of::<*mut ()>();
        if fits && !needs_drop::<F>() && L::MAY_BE_INLINE {
            Storage::Inline
        } else if size_of::<Self>() == 0 && align_of::<Self>() <= align_of::<Header>() {
            Storage::Static
        } else {
            Storage::Heap
        }
    };
}

/// Frees a block when it is dropped, even if dropping the content unwinds.
pub(crate) struct Free<B>(NonNull<B>);

impl<B> Free<B> {
    /// # Safety
    /// [`allocate`] gave the block, nothing else frees it, and nothing in it is used when this is dropped.
    pub(crate) unsafe fn new(block: NonNull<B>) -> Self {
        Self(block)
    }
}

impl<B> Drop for Free<B> {
    fn drop(&mut self) {
        // SAFETY: `allocate` returned the block with this layout, and its content was dropped or moved out.
        unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<B>()) }
    }
}

/// Memory for a block. The caller puts the content into it, because a `Result` of the content would move it once more.
#[inline]
pub(crate) fn allocate<B>() -> Option<NonNull<B>> {
    // SAFETY: a block contains at least a header, so its size is not zero.
    NonNull::new(unsafe { alloc(Layout::new::<B>()) }.cast::<B>())
}

pub(crate) fn no_memory<B>() -> Error {
    Error::Heap { bytes: size_of::<B>() }
}

impl<F, A: Access, T: Threads, L: Lease> Block<Callee<F, A, T, L>> {
    fn new(callee: Callee<F, A, T, L>) -> Self {
        Self { header: Header { drop: Self::drop_heap }, callee }
    }

    const STATIC: &'static Header = &Header { drop: Self::drop_static };

    /// # Safety
    /// `header` is [`Self::STATIC`], and the callee for which it stands has not been dropped.
    unsafe fn drop_static(header: NonNull<Header>) {
        // SAFETY: the callee has no bytes, and its alignment is at most the header's, so any such address is valid for
        // it. It has not been dropped. No call has taken its closure, because a closure that calls take has no owner to
        // drop it by a header.
        unsafe { Callee::drop_unspent(header.add(1).cast::<Callee<F, A, T, L>>().as_ptr()) }
    }

    /// # Safety
    /// `header` begins a block that [`Callee::store`] made, and nothing has dropped the block.
    unsafe fn drop_heap(header: NonNull<Header>) {
        let block = Free(header.cast::<Self>());
        // SAFETY: the callee has not been dropped, and is not used again. No call has taken its closure, because a
        // closure that calls take has no owner to drop it by a header.
        unsafe { Callee::drop_unspent(&raw mut (*block.0.as_ptr()).callee) }
    }
}

impl<F, A: Access, T: Threads, L: Lease> DataBlock<Callee<F, A, T, L>> {
    fn new(entry: *const (), callee: Callee<F, A, T, L>) -> Self {
        Self { start: Start::new(entry), block: Block { header: Header { drop: Self::drop_by_data }, callee } }
    }

    /// # Safety
    /// `header` is in a block that [`Callee::store_by_data`] made, and nothing has dropped the block.
    unsafe fn drop_by_data(header: NonNull<Header>) {
        // SAFETY: the header is inside a block of this type, which is one allocation, and nothing has dropped it: the
        // condition of `drop_by_data`.
        unsafe { Self::drop_block(header.byte_sub(offset_of!(Self, block)).cast()) }
    }

    /// Drops the closure, if the calls have left it, and frees the block even if that unwinds.
    ///
    /// # Safety
    /// `block` came from [`Callee::store_by_data`]. No call begins any more, and nothing else drops the block.
    unsafe fn drop_block(block: NonNull<Self>) {
        let block = Free(block);
        // SAFETY: the block is initialised, and stays until `Free` is dropped. No call begins, and nothing else drops
        // the block.
        unsafe { Self::drop_left(block.0.as_ptr()) }
    }

    /// Drops the closure, if the calls have left it.
    ///
    /// # Safety
    /// `inside` is initialised. No call begins any more, and nothing drops the callee again.
    unsafe fn drop_left(inside: *mut Self) {
        // SAFETY: the start is initialised, and its fields are atomics.
        let start = unsafe { &(*inside).start };
        let is_left = Callee::<F, A, T, L>::is_left(&start.slot);
        if A::EXCLUSIVE || A::ONCE {
            start.close(); // because the closure's destructor may call
        }
        if is_left {
            // SAFETY: the callee is initialised, no call has taken its closure, and it is not used again.
            unsafe { Callee::drop_unspent(&raw mut (*inside).block.callee) }
        }
    }
}

impl<F, A: Access, T: Threads, L: Lease> Callee<F, A, T, L> {
    /// Binds a claimed slot to a callee that the slot's owner keeps. `make` makes the callee from `parts` when nothing
    /// can fail any more.
    ///
    /// Returns the claim, with marks that say whether its context begins with a [`Header`] by which to drop the callee,
    /// and whether running calls leave a trace.
    pub(crate) fn store<P>(claimed: Claim, parts: P, make: impl FnOnce(P) -> Self) -> Result<Claim, (Error, P)> {
        let claimed = if A::EXCLUSIVE { claimed.seen() } else { claimed };
        match Self::STORAGE {
            Storage::Inline => {
                make(parts).write_inline(claimed);
                Ok(claimed)
            }
            Storage::Static => {
                make(parts); // its closure has no bytes, so only the header is needed to drop it
                claimed.bind(core::ptr::from_ref(Block::<Self>::STATIC).cast_mut().cast());
                Ok(claimed.owned())
            }
            Storage::Heap => {
                let Some(block) = allocate::<Block<Self>>() else { return Err((no_memory::<Block<Self>>(), parts)) };
                // SAFETY: the block was freshly allocated for this type.
                unsafe { block.write(Block::new(make(parts))) };
                claimed.bind(block.as_ptr().cast());
                Ok(claimed.owned())
            }
        }
    }

    /// Like [`store`](Self::store), for a closure whose calls are counted. It always lies on the heap. The counter stays closed
    /// until the caller opens it.
    pub(crate) fn store_counted<P>(
        counter: &'static Counter,
        parts: P,
        make: impl FnOnce(P) -> Self,
    ) -> Result<Claim, (Error, P)> {
        let Some(block) = allocate::<Block<Self>>() else { return Err((no_memory::<Block<Self>>(), parts)) };
        // SAFETY: the block was freshly allocated for this type.
        unsafe { block.write(Block::new(make(parts))) };
        counter.lead(direct::tag::<Self>(), block.as_ptr().cast());
        Ok(Claim::counted(counter.slot()))
    }

    /// Like [`store`](Self::store), for a callee that `entry` finds by user data.
    pub(crate) fn store_by_data<P>(
        entry: *const (),
        parts: P,
        make: impl FnOnce(P) -> Self,
    ) -> Result<Claim, (Error, P)> {
        let Some(block) = allocate::<DataBlock<Self>>() else { return Err((no_memory::<DataBlock<Self>>(), parts)) };
        // SAFETY: the block was freshly allocated for this type.
        unsafe { block.write(DataBlock::new(entry, make(parts))) };
        let claimed = Claim::by_data(block.cast());
        // SAFETY: the header is inside the block.
        claimed.bind(unsafe { block.byte_add(offset_of!(DataBlock<Self>, block)) }.as_ptr().cast());
        Ok(if A::EXCLUSIVE { claimed.seen() } else { claimed }.owned())
    }

    /// Lends the callee to C while `body` runs. It lies in the frame of this call, and `body` gets the user data that
    /// leads to it.
    pub(crate) fn lend_by_data<X>(self, body: impl FnOnce(UserData) -> X) -> X {
        let frame = DataFrame::new(self);
        body(frame.data())
    }

    fn write_inline(self, claimed: Claim) {
        let mut word = MaybeUninit::<*mut ()>::zeroed();
        // SAFETY: `Inline` means that the callee fits a word in size and alignment.
        unsafe { word.as_mut_ptr().cast::<Self>().write(self) };
        claimed.bind_bytes(word);
    }

    /// The callee of a call.
    ///
    /// # Safety
    /// This module bound the call's slot to a callee of this type.
    #[inline(always)] // on the path of every call: one load, an addition, or nothing
    pub(crate) unsafe fn locate<C: Call>(call: C) -> NonNull<Self> {
        let callee = if C::BY_DATA {
            // By the pointer to the whole block, because a reference to the slot may access only the slot's two words.
            call.address().as_ptr().wrapping_byte_add(offset_of!(DataBlock<Self>, block.callee)).cast::<Self>()
        } else if Self::STORAGE == Storage::Inline {
            call.slot().context.as_ptr().cast::<Self>()
        } else if L::Count::COUNTED {
            // SAFETY: the slot was claimed with a counter, and leads to it from then on.
            unsafe { Counter::of(call.slot()) }.kept().wrapping_byte_add(offset_of!(Block<Self>, callee)).cast::<Self>()
        } else {
            call.slot()
                .context
                .load(Ordering::Relaxed)
                .wrapping_byte_add(offset_of!(Block<Self>, callee))
                .cast::<Self>()
        };
        // SAFETY: the context of a bound slot is not null, and neither is the address of a slot.
        unsafe { NonNull::new_unchecked(callee) }
    }

    /// Releases the slot of a call whose closure was moved out, and frees the block in which it was.
    ///
    /// # Safety
    /// Only this call owns the slot. The slot is bound to a callee of this type.
    pub(crate) unsafe fn free<C: Call>(call: C) {
        // An inline closure may have bytes that were never written. So its word is not read.
        let is_block = C::BY_DATA || Self::STORAGE == Storage::Heap;
        let context = if is_block { call.slot().context.load(Ordering::Relaxed) } else { core::ptr::null_mut() };
        // SAFETY: the call owns the slot.
        unsafe { call.release() };
        if C::BY_DATA {
            // SAFETY: `store_by_data` bound the slot to an address inside its block. The closure was moved out.
            drop(Free(unsafe {
                NonNull::new_unchecked(context.byte_sub(offset_of!(DataBlock<Self>, block)).cast::<DataBlock<Self>>())
            }));
        } else if is_block {
            // SAFETY: `store` allocated the block, which is not null. The closure was moved out.
            drop(Free(unsafe { NonNull::new_unchecked(context.cast::<Block<Self>>()) }));
        }
    }

    /// Releases the slot of a call and drops the closure, because the owner was dropped while the call ran.
    ///
    /// # Safety
    /// Only this call owns the slot. The slot is bound to a callee of this type. [`store`](Self::store) or
    /// [`store_by_data`](Self::store_by_data) made that callee, and nothing uses it any more.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn end<C: Call>(call: C) {
        let is_inline = !C::BY_DATA && Self::STORAGE == Storage::Inline;
        let context = (!is_inline).then(|| call.slot().context.load(Ordering::Relaxed));
        // SAFETY: the call owns the slot. As in an owner's drop, the closure is dropped afterwards.
        unsafe { call.release() };
        if let Some(context) = context {
            // SAFETY: a callee that is not inline has a header. `store` or `store_by_data` made it, and nothing uses it
            // any more.
            unsafe { drop_owned(context) }
        }
    }
}

impl<F, A: Access, T: Threads> Callee<F, A, T, Notified> {
    /// Ends a closure because C destroys its user data.
    ///
    /// # Safety
    /// * `data` came from [`store_by_data`](Self::store_by_data) of this type.
    /// * No call with it begins any more, and C destroys it once.
    pub(crate) unsafe fn destroy(data: NonNull<()>) {
        let block = data.cast::<DataBlock<Self>>();
        let inside = block.as_ptr();
        // SAFETY: the block and its callee are initialised.
        unsafe { Self::check_thread(&raw const (*inside).block.callee) };
        // SAFETY: the block is initialised, and stays until C destroys it. The slot's fields are atomics.
        if A::EXCLUSIVE && orphan(unsafe { &(*inside).start.slot }, RUNNING, ORPHANED, T::ONLY_ONE) {
            return; // the running call does the rest
        }
        // SAFETY: `store_by_data` made the block with this type, no call begins any more, and C destroys it once: the
        // conditions of `destroy`.
        unsafe { DataBlock::drop_block(block) }
    }
}

/// A block in the caller's frame. It is a cell, because C accesses it while the scope has a reference to the frame.
type FrameCell<B> = UnsafeCell<MaybeUninit<B>>;

/// A place in the caller's frame for a callee that is lent for the length of a scope.
pub(crate) struct Frame<K>(FrameCell<Block<K>>);

impl<F, A: Access, T: Threads, L: Lease> Frame<Callee<F, A, T, L>> {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Binds a claimed slot to a callee in this frame. The caller does this once, and does not move the frame
    /// afterwards.
    pub(crate) fn lend(&self, claimed: Claim, callee: Callee<F, A, T, L>) {
        if Callee::<F, A, T, L>::STORAGE == Storage::Inline {
            callee.write_inline(claimed);
        } else {
            // SAFETY: nothing was lent yet, so nothing else knows the frame.
            unsafe { (*self.0.get()).write(Block::new(callee)) };
            claimed.bind(self.0.get().cast());
        }
    }

    /// Ends a loan: releases the slot, and then drops the closure if no call has taken it.
    ///
    /// The slot is released first. So a call by the closure's destructor meets the poison, and the slot is free even if
    /// the destructor unwinds.
    ///
    /// # Safety
    /// `lend` was called with `claimed`, and nothing has released it. This happens once, and no call begins any more.
    pub(crate) unsafe fn end(&self, claimed: Claim) {
        let is_left = Callee::<F, A, T, L>::is_left(claimed.slot());
        // SAFETY: the caller claimed the slot and has not released it yet.
        unsafe { claimed.release_claimed() };
        if Callee::<F, A, T, L>::STORAGE != Storage::Inline && is_left {
            // SAFETY: `lend` wrote the block, because the callee is not inline. No call has taken the closure, and no
            // call begins any more.
            unsafe { Callee::drop_unspent(&raw mut (*self.0.get().cast::<Block<Callee<F, A, T, L>>>()).callee) }
        }
    }
}

/// A place for a callee that user data leads to, for the length of a scope. It does not move once C has the user data.
pub(crate) struct DataFrame<F, A: Access, T: Threads, L: Lease>(FrameCell<DataBlock<Callee<F, A, T, L>>>);

impl<F, A: Access, T: Threads, L: Lease> DataFrame<F, A, T, L> {
    /// The entry goes to C beside the user data, and nothing asks the block for it.
    pub(crate) fn new(callee: Callee<F, A, T, L>) -> Self {
        Self(UnsafeCell::new(MaybeUninit::new(DataBlock::new(core::ptr::null(), callee))))
    }

    /// The user data that leads to the callee.
    pub(crate) fn data(&self) -> UserData {
        self.0.get().cast()
    }
}

impl<F, A: Access, T: Threads, L: Lease> Drop for DataFrame<F, A, T, L> {
    fn drop(&mut self) {
        // SAFETY: `new` wrote the block; the scope is over, so no call comes any more, and this is done once.
        unsafe { DataBlock::drop_left(self.0.get().cast::<DataBlock<Callee<F, A, T, L>>>()) }
    }
}

/// Drops the closure behind an owned context.
///
/// # Safety
/// `context` belongs to a claim that [`Callee::store`] marked as owned, and nobody uses it again.
#[inline]
pub(crate) unsafe fn drop_owned(context: *mut ()) {
    // SAFETY: such a context is the address of a header, which is not null.
    unsafe {
        let header = NonNull::new_unchecked(context.cast::<Header>());
        (header.as_ref().drop)(header);
    }
}
