//! Counted slots. Beside each of them lies the number of calls that are running, where a late call can read it.
//!
//! A call that is counted has to touch the count before it knows whether its closure still exists. So the count cannot
//! lie in the closure's block, because that is freed. It cannot lie in a slot either, because a slot's words go to the
//! next owner. It lies in a *counter*, which is never freed. A counter and a slot are made for each other and stay
//! together. When the trampoline is dropped, both go to a list of free counters, and the slot's context keeps leading
//! to its counter.
//!
//! These slots are mapped slots of the usual tables. Free ones do not go back to the pools.

use core::ptr::NonNull;

use crate::misuse;
use crate::slot::Slot;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// A counted slot and its closure.
#[derive(Debug)]
pub(crate) struct Counter {
    /// How many calls are running, plus [`CLOSED`].
    inside: AtomicUsize,
    /// The tag of the callee's type.
    tag: AtomicUsize,
    /// The address of the closure's block.
    kept: AtomicPtr<()>,
    slot: NonNull<Slot>,
    #[cfg(feature = "mapped")]
    next: AtomicPtr<Counter>,
    #[cfg(feature = "mapped")]
    free: &'static lists::List,
}

/// The owner is gone, or there is no owner yet.
const CLOSED: usize = 1 << (usize::BITS - 1);

impl Counter {
    /// The counter of a counted slot.
    ///
    /// # Safety
    /// `slot` came from [`claim`] at some time.
    #[inline(always)] // on the path of every counted call
    pub(crate) unsafe fn of(slot: &Slot) -> &'static Self {
        // SAFETY: `claim` stored the counter in this slot before it gave the slot to anybody, and nothing changes that
        // word again. A counter is never freed.
        unsafe { &*slot.context.load(Ordering::Relaxed).cast::<Self>() }
    }

    pub(crate) fn slot(&self) -> NonNull<Slot> {
        self.slot
    }

    /// The address of the closure's block, valid while a call runs or the owner exists.
    #[inline(always)] // on the path of every counted call
    pub(crate) fn kept(&self) -> *mut () {
        self.kept.load(Ordering::Relaxed)
    }

    /// Leads to the closure at `kept`, in a callee with this tag. The counter stays closed.
    pub(crate) fn lead(&self, tag: usize, kept: *mut ()) {
        self.tag.store(tag, Ordering::Relaxed);
        self.kept.store(kept, Ordering::Relaxed);
    }

    /// Lets calls in.
    pub(crate) fn open(&self) {
        self.inside.store(0, Ordering::Release);
    }

    /// Counts a call in. Ends the process if the closure that C wanted to call is gone.
    #[inline(always)] // on the path of every counted call
    pub(crate) fn enter(&self, tag: usize) {
        let before = self.inside.fetch_add(1, Ordering::Acquire);
        // While this call is counted, nobody else gets the counter. So the tag does not change.
        if before >= CLOSED || self.tag.load(Ordering::Relaxed) != tag {
            misuse::called_after_drop();
        }
    }

    /// Counts a call out. Returns whether it was the last one and the owner is gone.
    #[inline(always)] // on the path of every counted call
    pub(crate) fn leave(&self) -> bool {
        self.inside.fetch_sub(1, Ordering::Release) == CLOSED + 1 && {
            self.inside.load(Ordering::Acquire); // sees all that the other calls have done
            true
        }
    }

    /// Lets no more calls in, because the owner is being dropped. Returns whether no call is running.
    pub(crate) fn close(&self) -> bool {
        self.poison();
        self.inside.fetch_add(CLOSED, Ordering::AcqRel) == 0
    }

    /// Makes the slot lead to a function that ends the process with a message.
    fn poison(&self) {
        // SAFETY: slots are never unmapped.
        unsafe { self.slot.as_ref() }.handler.store(misuse::called_after_drop as *mut (), Ordering::Relaxed);
    }

    /// How many calls are running.
    pub(crate) fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed) & !CLOSED
    }
}

/// Gives a slot and its counter back. Returns the address of the closure's block.
///
/// # Safety
/// The counter is closed, no call is running, and nobody gives it back again.
pub(crate) unsafe fn release(counter: &'static Counter) -> *mut () {
    let kept = counter.kept(); // before another owner may have the counter
    #[cfg(feature = "mapped")]
    // SAFETY: the counter is closed, no call is running, and nobody gives it back again: the conditions of this
    // function.
    unsafe {
        lists::release(counter);
    }
    kept
}

#[cfg(feature = "mapped")]
pub(crate) use lists::claim;

#[cfg(feature = "mapped")]
mod lists {
    use core::ptr::{self, NonNull};

    use alloc::alloc::{Layout, alloc, dealloc};

    use super::{AtomicPtr, AtomicUsize, CLOSED, Counter, Ordering};
    use crate::arch::Place;
    use crate::arch::geometry::Table;
    use crate::error::Error;
    use crate::table;

    /// How many other counters are claimed before a released one is claimed again.
    const QUARANTINE: usize = 64;

    /// The free counters of one table, linked by their `next`.
    ///
    /// A free counter rests, so that a slightly late call finds the poison. It is claimed again after [`QUARANTINE`]
    /// others were claimed. A thread always takes a whole chain by one exchange, and puts the rest of it back. So no
    /// thread reads a counter that another thread has.
    #[derive(Debug)]
    pub(super) struct List {
        /// Released counters, newest first.
        released: AtomicPtr<Counter>,
        /// How many there are.
        resting: AtomicUsize,
        /// Counters that have rested, oldest first. They were taken from `released` when it had enough.
        rested: AtomicPtr<Counter>,
    }

    static FREE: [List; Table::COUNT] = [const {
        List {
            released: AtomicPtr::new(ptr::null_mut()),
            resting: AtomicUsize::new(0),
            rested: AtomicPtr::new(ptr::null_mut()),
        }
    }; Table::COUNT];

    /// Takes a whole chain.
    fn take_all(head: &AtomicPtr<Counter>) -> Option<&'static Counter> {
        // SAFETY: the pointer is null or leads to a counter, and a counter is never freed.
        unsafe { head.swap(ptr::null_mut(), Ordering::Acquire).as_ref() }
    }

    fn next(counter: &Counter) -> Option<&'static Counter> {
        // SAFETY: the pointer is null or leads to a counter, and a counter is never freed.
        unsafe { counter.next.load(Ordering::Relaxed).as_ref() }
    }

    fn pointer(counter: Option<&'static Counter>) -> *mut Counter {
        counter.map_or(ptr::null_mut(), |counter| ptr::from_ref(counter).cast_mut())
    }

    impl List {
        /// Adds a released counter to the list.
        fn put(&self, counter: &'static Counter) {
            let mut head = self.released.load(Ordering::Relaxed);
            loop {
                counter.next.store(head, Ordering::Relaxed);
                let put = pointer(Some(counter));
                match self.released.compare_exchange_weak(head, put, Ordering::Release, Ordering::Relaxed) {
                    Ok(_) => break,
                    Err(now) => head = now,
                }
            }
            self.resting.fetch_add(1, Ordering::Relaxed);
        }

        /// Takes a counter that has rested.
        fn take(&self) -> Option<&'static Counter> {
            let taken = take_all(&self.rested).or_else(|| self.take_released())?;
            self.put_back(next(taken));
            Some(taken)
        }

        /// Takes all released counters if there are enough of them, and reverses their order, so that the oldest comes
        /// first.
        fn take_released(&self) -> Option<&'static Counter> {
            if self.resting.load(Ordering::Relaxed) <= QUARANTINE {
                return None;
            }
            let (mut chain, mut oldest, mut count) = (take_all(&self.released), None, 0);
            while let Some(counter) = chain {
                chain = next(counter);
                counter.next.store(pointer(oldest), Ordering::Relaxed);
                oldest = Some(counter);
                count += 1;
            }
            self.resting.fetch_sub(count, Ordering::Relaxed);
            oldest
        }

        fn put_back(&self, rest: Option<&'static Counter>) {
            while let Some(first) = rest {
                let put = pointer(Some(first));
                if self.rested.compare_exchange(ptr::null_mut(), put, Ordering::Release, Ordering::Relaxed).is_ok() {
                    return;
                }
                // Another thread has put its own rest there. The two chains become one.
                let mut last = first;
                while let Some(next) = next(last) {
                    last = next;
                }
                last.next.store(pointer(take_all(&self.rested)), Ordering::Relaxed);
            }
        }
    }

    /// Claims a counted slot. No call gets in before its counter is opened.
    ///
    /// # Errors
    /// The errors of claiming any mapped slot, and one if there is no memory for a counter.
    pub(crate) fn claim(handler: *const (), at: Place) -> Result<&'static Counter, Error> {
        let free = &FREE[table::of(at).number()];
        if let Some(counter) = free.take() {
            // SAFETY: the slot is of that table, and the list gave it to this call only.
            unsafe { table::lead(counter.slot, at, handler) };
            return Ok(counter);
        }
        let layout = Layout::new::<Counter>();
        #[allow(clippy::cast_ptr_alignment, reason = "it is that of the layout")]
        // SAFETY: the layout's size is not zero.
        let Some(memory) = NonNull::new(unsafe { alloc(layout) }.cast::<Counter>()) else {
            return Err(Error::Heap { bytes: layout.size() });
        };
        let slot = table::claim(handler, at).inspect_err(|_| {
            // SAFETY: it was allocated above with this layout, and nothing uses it.
            unsafe { dealloc(memory.as_ptr().cast(), layout) };
        })?;
        // SAFETY: it was freshly allocated for this type.
        unsafe {
            memory.write(Counter {
                inside: AtomicUsize::new(CLOSED),
                tag: AtomicUsize::new(0),
                kept: AtomicPtr::new(ptr::null_mut()),
                slot,
                next: AtomicPtr::new(ptr::null_mut()),
                free,
            });
        }
        // SAFETY: slots are never unmapped. `table::claim` gave this slot to this call only.
        unsafe { slot.as_ref() }.context.store(memory.as_ptr().cast(), Ordering::Relaxed);
        // SAFETY: it was written above, and is never freed.
        Ok(unsafe { memory.as_ref() })
    }

    /// Gives a slot and its counter back.
    ///
    /// # Safety
    /// The counter is closed, no call is running, and nobody gives it back again.
    pub(super) unsafe fn release(counter: &'static Counter) {
        counter.poison(); // in case it was never opened
        counter.free.put(counter);
    }
}
