//! Where a closure is kept while C holds its function pointer, and how a call finds it there.
//!
//! ```text
//!   Inline   at most one word, nothing to drop     slot.context IS the callee
//!   Static   no bytes, but a destructor            slot.context ──▶ static Header
//!   Heap     everything else                       slot.context ──▶ Header │ callee           on the heap
//!   (scoped) everything but Inline                 slot.context ──▶ Header │ callee           in the caller's frame
//!   by data  everything                            user data ──▶ slot, entry │ Header │ callee   in one of the two
//! ```
//!
//! Which one applies depends on the type alone, so the code that runs the closure contains no test. The header holds
//! the one thing that a trampoline's owner, who no longer knows the closure's type, needs in order to drop it.

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

/// The same behind a slot of its own, which C's user data leads to.
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

/// Frees a block, however what is in it ends.
struct Free<B>(NonNull<B>);

impl<B> Drop for Free<B> {
    fn drop(&mut self) {
        // SAFETY: `allocate` gave the block with this layout, and what was in it is dropped or moved out.
        unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<B>()) }
    }
}

/// Memory for a block, which is never of size zero. No `Result` of the parts that go into it: through one they would be
/// moved once more.
#[inline]
fn allocate<B>() -> Option<NonNull<B>> {
    // SAFETY: a block holds a header at least.
    NonNull::new(unsafe { alloc(Layout::new::<B>()) }.cast::<B>())
}

fn no_memory<B>() -> Error {
    Error::Heap { bytes: size_of::<B>() }
}

impl<F, A: Access, T: Threads, L: Lease> Block<Callee<F, A, T, L>> {
    fn new(callee: Callee<F, A, T, L>) -> Self {
        Self { header: Header { drop: Self::drop_heap }, callee }
    }

    const STATIC: &'static Header = &Header { drop: Self::drop_static };

    /// # Safety
    /// `header` is [`Self::STATIC`] standing for a callee that has not been dropped.
    unsafe fn drop_static(header: NonNull<Header>) {
        // SAFETY: the callee has no bytes, its alignment is at most the header's, and it has not been dropped. Behind a
        // header that an owner drops through there is none that a call has taken.
        unsafe { Callee::drop_unspent(header.add(1).cast::<Callee<F, A, T, L>>().as_ptr()) }
    }

    /// # Safety
    /// `header` begins a block made by [`Callee::store`] that has not been dropped.
    unsafe fn drop_heap(header: NonNull<Header>) {
        let block = Free(header.cast::<Self>());
        // SAFETY: the callee has not been dropped, and is not used again. Behind a header that an owner drops through there
        // is none that a call has taken.
        unsafe { Callee::drop_unspent(&raw mut (*block.0.as_ptr()).callee) }
    }
}

impl<F, A: Access, T: Threads, L: Lease> DataBlock<Callee<F, A, T, L>> {
    fn new(entry: *const (), callee: Callee<F, A, T, L>) -> Self {
        Self { start: Start::new(entry), block: Block { header: Header { drop: Self::drop_by_data }, callee } }
    }

    /// # Safety
    /// `header` is that of a block made by [`Callee::store_by_data`], which nothing has dropped.
    unsafe fn drop_by_data(header: NonNull<Header>) {
        // SAFETY: the header is inside a block of this type, one allocation, that nothing has dropped: the condition of
        // `drop_by_data`.
        unsafe { Self::drop_block(header.byte_sub(offset_of!(Self, block)).cast()) }
    }

    /// Drops what the calls have left, and frees the block also if that unwinds.
    ///
    /// # Safety
    /// `block` came from [`Callee::store_by_data`]; no call comes any more, and nothing else drops it.
    unsafe fn drop_block(block: NonNull<Self>) {
        let block = Free(block);
        // SAFETY: the block is initialised, and stays until `Free` is dropped. No call comes, and nothing else drops it.
        unsafe { Self::drop_left(block.0.as_ptr()) }
    }

    /// Drops what the calls have left.
    ///
    /// # Safety
    /// `inside` is initialised; no call comes any more, and nothing drops its callee again.
    unsafe fn drop_left(inside: *mut Self) {
        // SAFETY: initialised, and the start's fields are atomics.
        let start = unsafe { &(*inside).start };
        let is_left = Callee::<F, A, T, L>::is_left(&start.slot);
        if A::EXCLUSIVE || A::ONCE {
            start.close(); // the closure's destructor may be what calls
        }
        if is_left {
            // SAFETY: the callee is initialised, no call took its closure, and it is not used again.
            unsafe { Callee::drop_unspent(&raw mut (*inside).block.callee) }
        }
    }
}

impl<F, A: Access, T: Threads, L: Lease> Callee<F, A, T, L> {
    /// Binds a claimed slot to a callee that lives for as long as the slot's owner likes. The callee is made of `parts` when
    /// nothing can fail any more.
    ///
    /// Returns the claim, marked if its context begins with a [`Header`] to be dropped through, and if calls can be seen.
    pub(crate) fn store<P>(claimed: Claim, parts: P, make: impl FnOnce(P) -> Self) -> Result<Claim, (Error, P)> {
        let claimed = if A::EXCLUSIVE { claimed.seen() } else { claimed };
        match Self::STORAGE {
            Storage::Inline => {
                make(parts).write_inline(claimed);
                Ok(claimed)
            }
            Storage::Static => {
                make(parts); // its place is any address, and what drops it is in the header
                claimed.bind(core::ptr::from_ref(Block::<Self>::STATIC).cast_mut().cast());
                Ok(claimed.owned())
            }
            Storage::Heap => {
                let Some(block) = allocate::<Block<Self>>() else { return Err((no_memory::<Block<Self>>(), parts)) };
                // SAFETY: freshly allocated for this very type.
                unsafe { block.write(Block::new(make(parts))) };
                claimed.bind(block.as_ptr().cast());
                Ok(claimed.owned())
            }
        }
    }

    /// As [`store`](Self::store), of a closure whose calls are counted: always on the heap.
    pub(crate) fn store_counted<P>(
        counter: &'static Counter,
        parts: P,
        make: impl FnOnce(P) -> Self,
    ) -> Result<Claim, (Error, P)> {
        let Some(block) = allocate::<Block<Self>>() else { return Err((no_memory::<Block<Self>>(), parts)) };
        // SAFETY: freshly allocated for this very type.
        unsafe { block.write(Block::new(make(parts))) };
        counter.open(direct::tag::<Self>(), block.as_ptr().cast());
        Ok(Claim::counted(counter.slot()))
    }

    /// As [`store`](Self::store), where `entry` finds the callee through user data.
    pub(crate) fn store_by_data<P>(
        entry: *const (),
        parts: P,
        make: impl FnOnce(P) -> Self,
    ) -> Result<Claim, (Error, P)> {
        let Some(block) = allocate::<DataBlock<Self>>() else { return Err((no_memory::<DataBlock<Self>>(), parts)) };
        // SAFETY: freshly allocated for this very type.
        unsafe { block.write(DataBlock::new(entry, make(parts))) };
        let claimed = Claim::by_data(block.cast());
        // SAFETY: inside the block.
        claimed.bind(unsafe { block.byte_add(offset_of!(DataBlock<Self>, block)) }.as_ptr().cast());
        Ok(if A::EXCLUSIVE { claimed.seen() } else { claimed }.owned())
    }

    /// Lends it, in the frame of this call, for as long as `body` runs with the user data that leads to it.
    pub(crate) fn lend_by_data<X>(self, body: impl FnOnce(UserData) -> X) -> X {
        struct Loan<F, A: Access, T: Threads, L: Lease>(FrameCell<DataBlock<Callee<F, A, T, L>>>);
        impl<F, A: Access, T: Threads, L: Lease> Drop for Loan<F, A, T, L> {
            fn drop(&mut self) {
                // SAFETY: written below; the scope is over, so no call comes any more, and this is done once.
                unsafe { DataBlock::drop_left(self.0.get().cast::<DataBlock<Callee<F, A, T, L>>>()) }
            }
        }
        let loan = Loan(UnsafeCell::new(MaybeUninit::new(DataBlock::new(core::ptr::null(), self))));
        body(loan.0.get().cast())
    }

    fn write_inline(self, claimed: Claim) {
        let mut word = MaybeUninit::<*mut ()>::zeroed();
        // SAFETY: `Inline` means that a callee fits a word in size and alignment.
        unsafe { word.as_mut_ptr().cast::<Self>().write(self) };
        claimed.bind_bytes(word);
    }

    /// The callee that a call leads to.
    ///
    /// # Safety
    /// The call's slot is bound to a callee of this type by this module.
    #[inline(always)] // on the path of every call: one load, an addition, or nothing
    pub(crate) unsafe fn locate<C: Call>(call: C) -> NonNull<Self> {
        let callee = if C::BY_DATA {
            // By the pointer to the whole block: a reference to the slot is one to two words.
            call.address().as_ptr().wrapping_byte_add(offset_of!(DataBlock<Self>, block.callee)).cast::<Self>()
        } else if Self::STORAGE == Storage::Inline {
            call.slot().context.as_ptr().cast::<Self>()
        } else if L::Count::COUNTED {
            // SAFETY: the slot was claimed with a counter, which `store_counted` has opened.
            unsafe { Counter::of(call.slot()) }.kept().wrapping_byte_add(offset_of!(Block<Self>, callee)).cast::<Self>()
        } else {
            call.slot()
                .context
                .load(Ordering::Relaxed)
                .wrapping_byte_add(offset_of!(Block<Self>, callee))
                .cast::<Self>()
        };
        // SAFETY: the context of a bound slot is not null, and a slot's own address never is.
        unsafe { NonNull::new_unchecked(callee) }
    }

    /// Gives back the slot of a call whose closure was moved out, and frees what it was kept in.
    ///
    /// # Safety
    /// The slot has no owner but this call, and is bound to a callee of this type.
    pub(crate) unsafe fn free<C: Call>(call: C) {
        // Where the closure was in the word itself, there may be bytes that were never written.
        let is_block = C::BY_DATA || Self::STORAGE == Storage::Heap;
        let context = if is_block { call.slot().context.load(Ordering::Relaxed) } else { core::ptr::null_mut() };
        // SAFETY: the call is the slot's owner.
        unsafe { call.release() };
        if C::BY_DATA {
            // SAFETY: `store_by_data` bound the slot, inside the block.
            drop(Free(unsafe {
                NonNull::new_unchecked(context.byte_sub(offset_of!(DataBlock<Self>, block)).cast::<DataBlock<Self>>())
            }));
        } else if is_block {
            // SAFETY: `store` allocated the block; it is never null.
            drop(Free(unsafe { NonNull::new_unchecked(context.cast::<Block<Self>>()) }));
        }
    }

    /// Gives back the slot of a call and drops the closure, because the owner was dropped while the call ran.
    ///
    /// # Safety
    /// The slot has no owner but this call, and is bound to a callee of this type that [`store`](Self::store) or
    /// [`store_by_data`](Self::store_by_data) made and
    /// nothing uses any more.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn end<C: Call>(call: C) {
        let is_inline = !C::BY_DATA && Self::STORAGE == Storage::Inline;
        let context = (!is_inline).then(|| call.slot().context.load(Ordering::Relaxed));
        // SAFETY: the call is the slot's owner. The closure is dropped afterwards, as its owner would have done.
        unsafe { call.release() };
        if let Some(context) = context {
            // SAFETY: what is not inline is behind a header; `store` or `store_by_data` made it, and nothing uses it any more.
            unsafe { drop_owned(context) }
        }
    }
}

impl<F, A: Access, T: Threads> Callee<F, A, T, Notified> {
    /// Ends a closure that C destroys by its user data.
    ///
    /// # Safety
    /// * `data` came from [`store_by_data`](Self::store_by_data) of this type.
    /// * No call with it begins any more, and C destroys it once.
    pub(crate) unsafe fn destroy(data: NonNull<()>) {
        let block = data.cast::<DataBlock<Self>>();
        let inside = block.as_ptr();
        // SAFETY: the block is initialised; and so is the callee in it.
        unsafe { Self::check_thread(&raw const (*inside).block.callee) };
        // SAFETY: the block is initialised, and stays while C may destroy it; the slot's fields are atomics.
        if A::EXCLUSIVE && orphan(unsafe { &(*inside).start.slot }, RUNNING, ORPHANED, T::ONLY_ONE) {
            return; // the call that runs will do it
        }
        // SAFETY: `store_by_data` made the block of this type, no call comes any more, and C destroys once: the conditions
        // of `destroy`.
        unsafe { DataBlock::drop_block(block) }
    }
}

/// A block in the caller's frame. A cell, since C reaches it while the scope holds the frame.
type FrameCell<B> = UnsafeCell<MaybeUninit<B>>;

/// A place in the caller's frame for a callee that is bound for the length of a scope.
pub(crate) struct Frame<K>(FrameCell<Block<K>>);

impl<F, A: Access, T: Threads, L: Lease> Frame<Callee<F, A, T, L>> {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Binds a claimed slot to a callee that stays in this frame. Done once; the frame does not move afterwards.
    pub(crate) fn lend(&self, claimed: Claim, callee: Callee<F, A, T, L>) {
        if Callee::<F, A, T, L>::STORAGE == Storage::Inline {
            callee.write_inline(claimed);
        } else {
            // SAFETY: nothing was lent yet, so no one else knows the frame.
            unsafe { (*self.0.get()).write(Block::new(callee)) };
            claimed.bind(self.0.get().cast());
        }
    }

    /// Ends what [`lend`](Self::lend) began: gives the slot back, and then drops the closure if no call took it.
    ///
    /// In this order, so that a call by the closure's destructor meets the poison, and the slot is free if that unwinds.
    ///
    /// # Safety
    /// `lend` was called with `claimed`, which nothing has released; this is done once, and no call comes any more.
    pub(crate) unsafe fn end(&self, claimed: Claim) {
        let is_left = Callee::<F, A, T, L>::is_left(claimed.slot());
        // SAFETY: claimed by the one who lends, and not released yet.
        unsafe { claimed.release_claimed() };
        if Callee::<F, A, T, L>::STORAGE != Storage::Inline && is_left {
            // SAFETY: `lend` wrote the block, since the callee is not inline; no call took the closure, and none comes any more.
            unsafe { Callee::drop_unspent(&raw mut (*self.0.get().cast::<Block<Callee<F, A, T, L>>>()).callee) }
        }
    }
}

/// Drops the closure behind an owned context.
///
/// # Safety
/// `context` is that of a claim which [`Callee::store`] marked as owned, and is not used again.
#[inline]
pub(crate) unsafe fn drop_owned(context: *mut ()) {
    // SAFETY: such a context is the address of a header, which is never null.
    unsafe {
        let header = NonNull::new_unchecked(context.cast::<Header>());
        (header.as_ref().drop)(header);
    }
}
