//! The slots that no thread holds.

use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::slot::Slot;
use crate::sync::{AtomicU64, Ordering};

/// A lock-free stack of slots linked through their `context` (R. K. Treiber, IBM RJ 5118, 1986).
///
/// The head carries a counter in the bits that a slot's address leaves free, so that a head which went and came back
/// between a load and an exchange is not taken for unchanged. 20 bits on 64-bit processors: an exchange errs if exactly a
/// multiple of 1,048,576 pushes and pops pass within it.
pub(super) struct Stack {
    head: AtomicU64,
    slots: PhantomData<*mut Slot>,
}

// SAFETY: the pointers are to slots, which are shared by design; who may touch which is this module's invariant.
unsafe impl Sync for Stack {}
// SAFETY: as above.
unsafe impl Send for Stack {}

impl Stack {
    /// User addresses are below 2^48 unless a program asks for others by hint, which tables do not.
    const ADDRESS_BITS: u32 = if usize::BITS < 48 { usize::BITS } else { 48 };
    /// Slots are at least two words.
    const ALIGN_BITS: u32 = size_of::<[usize; 2]>().trailing_zeros();
    const COUNTER_BITS: u32 = u64::BITS - Self::ADDRESS_BITS + Self::ALIGN_BITS;

    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self { head: AtomicU64::new(0), slots: PhantomData }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self { head: AtomicU64::new(0), slots: PhantomData }
    }

    /// A head from a slot, or from what a lost race took for one: whatever does not fit is cut off.
    fn pack(slot: *mut Slot, counter: u64) -> u64 {
        let address = slot.expose_provenance() as u64 & (u64::MAX >> (u64::BITS - Self::ADDRESS_BITS));
        (address >> Self::ALIGN_BITS) << Self::COUNTER_BITS | (counter & ((1 << Self::COUNTER_BITS) - 1))
    }

    #[allow(clippy::cast_possible_truncation, reason = "what was packed was an address")]
    fn slot(head: u64) -> *mut Slot {
        core::ptr::with_exposed_provenance_mut((head >> Self::COUNTER_BITS << Self::ALIGN_BITS) as usize)
    }

    /// Pushes the chain from `first` to `last`.
    pub(super) fn push(&self, first: NonNull<Slot>, last: NonNull<Slot>) {
        // SAFETY: slots are never unmapped; the chain is the caller's.
        let link = unsafe { &last.as_ref().context };
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            link.store(Self::slot(head).cast(), Ordering::Relaxed);
            let pushed = Self::pack(first.as_ptr(), head.wrapping_add(1));
            match self.head.compare_exchange_weak(head, pushed, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    pub(super) fn pop(&self) -> Option<NonNull<Slot>> {
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            let slot = NonNull::new(Self::slot(head))?;
            // SAFETY: slots are never unmapped. If this one has been popped by another thread the link may be anything,
            // and then the exchange fails.
            let next = unsafe { slot.as_ref() }.context.load(Ordering::Relaxed);
            let popped = Self::pack(next.cast(), head.wrapping_add(1));
            match self.head.compare_exchange_weak(head, popped, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Some(slot),
                Err(now) => head = now,
            }
        }
    }
}
