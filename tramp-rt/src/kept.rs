//! Where a closure is kept while C holds its function pointer, and how a slot's `context` leads to it.
//!
//! ```text
//!   Inline   at most one word, nothing to drop     slot.context IS the keeper
//!   Static   no bytes, but a destructor            slot.context ──▶ static Header
//!   Heap     everything else                       slot.context ──▶ Header │ keeper    on the heap
//!   (scoped) everything but Inline                 slot.context ──▶ Header │ keeper    in the caller's frame
//! ```
//!
//! Which one applies depends on the type alone, so the code that runs the closure contains no test. The header holds
//! the one thing that a trampoline's owner, who no longer knows the closure's type, needs in order to drop it.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, align_of, needs_drop, offset_of, size_of};
use core::ptr::NonNull;

use alloc::alloc::{alloc, dealloc};

use crate::claim::Claimed;
use crate::error::Error;
use crate::keeper::{Keeper, Threads};
use crate::slot::Slot;

#[repr(C)]
pub(crate) struct Header {
    pub(crate) drop: unsafe fn(NonNull<Header>),
}

/// A keeper behind its header.
#[repr(C)]
struct Block<K> {
    header: Header,
    keeper: K,
}

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

impl<K: Keeper> Block<K> {
    const STATIC: &'static Header = &Header { drop: Self::drop_static };

    const HEAP: Header = Header { drop: Self::drop_heap };

    /// # Safety
    /// `header` is [`Self::STATIC`] standing for a keeper that has not been dropped.
    unsafe fn drop_static(header: NonNull<Header>) {
        // SAFETY: the keeper has no bytes, its alignment is at most the header's, and the caller vouches for its life.
        unsafe { header.add(1).cast::<K>().drop_in_place() }
    }

    /// # Safety
    /// `header` begins a block made by [`keep`] that has not been dropped.
    unsafe fn drop_heap(header: NonNull<Header>) {
        /// Frees the block even if the closure's destructor unwinds.
        struct Free<K: Keeper>(NonNull<Block<K>>);
        impl<K: Keeper> Drop for Free<K> {
            fn drop(&mut self) {
                // SAFETY: the block came from `alloc` with this layout and its keeper is gone.
                unsafe { free(self.0) }
            }
        }
        let block = Free(header.cast::<Block<K>>());
        // SAFETY: the keeper is alive, as the caller promises, and is not used again.
        unsafe { (&raw mut (*block.0.as_ptr()).keeper).drop_in_place() }
    }
}

/// # Safety
/// `block` came from [`keep`], and its keeper is dropped or moved out.
unsafe fn free<K: Keeper>(block: NonNull<Block<K>>) {
    // SAFETY: `keep` allocated the block with this layout.
    unsafe { dealloc(block.as_ptr().cast(), Layout::new::<Block<K>>()) }
}

/// Binds a claimed slot to a keeper that lives for as long as the slot's owner likes. The keeper is made of `parts` when
/// nothing can fail any more.
///
/// Returns the claim, marked if its context begins with a [`Header`] to be dropped through.
pub(crate) fn keep<K: Keeper, P>(claimed: Claimed, parts: P, make: impl FnOnce(P) -> K) -> Result<Claimed, (Error, P)> {
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
            let layout = Layout::new::<Block<K>>();
            // SAFETY: the layout holds a header at least, so its size is not zero.
            let Some(block) = NonNull::new(unsafe { alloc(layout) }.cast::<Block<K>>()) else {
                return Err((Error::Heap { bytes: layout.size() }, parts));
            };
            // SAFETY: freshly allocated for this very type.
            unsafe { block.write(Block { header: Block::<K>::HEAP, keeper: make(parts) }) };
            claimed.bind(block.as_ptr().cast());
            Ok(claimed.owned())
        }
    }
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

    /// Ends what [`lend`](Self::lend) began.
    ///
    /// # Safety
    /// `lend` was called for `slot`, which is not released yet; this is done once, and no call comes any more.
    pub(crate) unsafe fn drop_left(&self, slot: &Slot) {
        if storage::<K>() != Storage::Inline {
            // SAFETY: `lend` wrote the block; an inline keeper has nothing to drop. The caller vouches for the rest.
            unsafe { K::drop_left(&raw mut (*self.0.get().cast::<Block<K>>()).keeper, slot) }
        }
    }
}

fn write_inline<K: Keeper>(claimed: Claimed, keeper: K) {
    let mut word = MaybeUninit::<*mut ()>::zeroed();
    // SAFETY: `Inline` means that a keeper fits a word in size and alignment.
    unsafe { word.as_mut_ptr().cast::<K>().write(keeper) };
    claimed.bind_bytes(word);
}

/// The keeper that a bound slot leads to.
///
/// # Safety
/// `slot` is bound to a keeper of type `K` by [`keep`] or [`Frame::lend`].
#[inline(always)] // on the path of every call: one load, or none
pub(crate) unsafe fn locate<K: Keeper>(slot: &Slot) -> NonNull<K> {
    let keeper = if storage::<K>() == Storage::Inline {
        slot.context.as_ptr().cast::<K>()
    } else {
        let block = slot.context.load(crate::sync::Ordering::Relaxed);
        block.wrapping_byte_add(offset_of!(Block<K>, keeper)).cast::<K>()
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

/// Frees the block of a keeper whose closure was moved out.
///
/// # Safety
/// `context` is that of a slot bound by [`keep`] to this `K`, and the closure in it is moved out.
pub(crate) unsafe fn forget_owned<K: Keeper>(context: *mut ()) {
    if storage::<K>() == Storage::Heap {
        // SAFETY: `keep` allocated the block; it is never null.
        unsafe { free::<K>(NonNull::new_unchecked(context.cast())) }
    }
}
