//! Counted slots: beside each of them is how many calls are in, where a call can read it that comes too late.
//!
//! A call that is to be counted has to touch the count before it knows whether its closure is still there. So the count
//! lies neither in the closure's block, which is freed, nor in a slot, whose words belong to the next owner. It lies in a
//! *place* of its own, which is never freed. A counter and a slot are made for each other and stay together: when the
//! trampoline is dropped, both go to a list of free counters, and the slot's context leads to its counter for ever.
//!
//! These slots are mapped ones of the tables that all others are of. What is free of them is not given back to the pools.

use core::ptr::NonNull;

use crate::misuse;
use crate::slot::Slot;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// What is kept of a counted slot.
#[derive(Debug)]
pub(crate) struct Counter {
    /// How many calls are in, and [`CLOSED`].
    inside: AtomicUsize,
    /// The tag of the type of what is kept.
    tag: AtomicUsize,
    /// Where the closure is.
    kept: AtomicPtr<()>,
    slot: NonNull<Slot>,
    #[cfg(feature = "mapped")]
    next: AtomicPtr<Counter>,
    #[cfg(feature = "mapped")]
    free: &'static lists::List,
}

/// The owner is gone, or there is none yet.
const CLOSED: usize = 1 << (usize::BITS - 1);

impl Counter {
    /// The counter of a counted slot.
    ///
    /// # Safety
    /// `slot` came from [`claim`], however long ago.
    #[inline(always)] // on the path of every counted call
    pub(crate) unsafe fn of(slot: &Slot) -> &'static Self {
        // SAFETY: a counter is never freed, and stored in its slot for good before anyone else has the slot.
        unsafe { &*slot.context.load(Ordering::Relaxed).cast::<Self>() }
    }

    pub(crate) fn slot(&self) -> NonNull<Slot> {
        self.slot
    }

    /// Where the closure is, for as long as a call is in or the owner there.
    #[inline(always)] // on the path of every counted call
    pub(crate) fn kept(&self) -> *mut () {
        self.kept.load(Ordering::Relaxed)
    }

    /// Lets calls in, to what is `kept` of a type with this tag.
    pub(crate) fn open(&self, tag: usize, kept: *mut ()) {
        self.tag.store(tag, Ordering::Relaxed);
        self.kept.store(kept, Ordering::Relaxed);
        self.inside.store(0, Ordering::Release);
    }

    /// Counts a call in, or dies if what it was meant for is gone.
    #[inline(always)] // on the path of every counted call
    pub(crate) fn enter(&self, tag: usize) {
        let before = self.inside.fetch_add(1, Ordering::Acquire);
        // While this call is counted nobody else gets the counter, so the tag stays what it is.
        if before >= CLOSED || self.tag.load(Ordering::Relaxed) != tag {
            misuse::called_after_drop();
        }
    }

    /// Counts a call out. Returns whether it was the last one, and the owner is gone.
    #[inline(always)] // on the path of every counted call
    pub(crate) fn leave(&self) -> bool {
        self.inside.fetch_sub(1, Ordering::Release) == CLOSED + 1 && {
            self.inside.load(Ordering::Acquire); // what the other calls have done is done
            true
        }
    }

    /// Keeps calls to come out, because the owner is dropped. Returns whether none is in.
    pub(crate) fn close(&self) -> bool {
        self.poison();
        self.inside.fetch_add(CLOSED, Ordering::AcqRel) == 0
    }

    /// Has the slot lead to a death by name.
    fn poison(&self) {
        // SAFETY: slots are never unmapped.
        unsafe { self.slot.as_ref() }.handler.store(misuse::called_after_drop as *mut (), Ordering::Relaxed);
    }

    /// How many calls are in.
    pub(crate) fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed) & !CLOSED
    }
}

/// Gives a slot and its counter back. Returns where the closure is.
///
/// # Safety
/// The counter is closed, no call is in, and it is given back once.
pub(crate) unsafe fn release(counter: &'static Counter) -> *mut () {
    let kept = counter.kept(); // read before another owner may have the counter
    #[cfg(feature = "mapped")]
    // SAFETY: closed, with no call in, and given back once: the conditions of `release`.
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

    /// How many others are claimed before a released counter is.
    const QUARANTINE: usize = 64;

    /// The free counters of one table, linked by their `next`.
    ///
    /// They rest, so that a call that comes a little late finds the poison: a counter is claimed again when [`QUARANTINE`]
    /// others were claimed after its release. A chain is always taken as a whole, by one exchange, and what is left of it put
    /// back: nobody reads a counter that another thread has.
    #[derive(Debug)]
    pub(super) struct List {
        /// Released ones, newest first.
        released: AtomicPtr<Counter>,
        /// How many of them.
        resting: AtomicUsize,
        /// What was taken of them once there were enough, oldest first.
        rested: AtomicPtr<Counter>,
    }

    static FREE: [List; Table::COUNT] = [const {
        List {
            released: AtomicPtr::new(ptr::null_mut()),
            resting: AtomicUsize::new(0),
            rested: AtomicPtr::new(ptr::null_mut()),
        }
    }; Table::COUNT];

    /// Takes a chain, all of it.
    fn take_all(head: &AtomicPtr<Counter>) -> Option<&'static Counter> {
        // SAFETY: null or a counter, which is never freed.
        unsafe { head.swap(ptr::null_mut(), Ordering::Acquire).as_ref() }
    }

    fn next(counter: &Counter) -> Option<&'static Counter> {
        // SAFETY: null or a counter, which is never freed.
        unsafe { counter.next.load(Ordering::Relaxed).as_ref() }
    }

    fn pointer(counter: Option<&'static Counter>) -> *mut Counter {
        counter.map_or(ptr::null_mut(), |counter| ptr::from_ref(counter).cast_mut())
    }

    impl List {
        /// Puts a released counter to the others.
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

        /// Takes what was released, if it is enough, and gives it the order in which it was.
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
                // Another thread has put its own rest there. The two become one.
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
    /// As claiming any mapped slot, or if there is no memory for a counter.
    pub(crate) fn claim(handler: *const (), at: Place) -> Result<&'static Counter, Error> {
        let free = &FREE[table::of(at).number()];
        if let Some(counter) = free.take() {
            // SAFETY: a slot of that table, which the list has given to this call alone.
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
            // SAFETY: allocated above with this layout, and used by no one.
            unsafe { dealloc(memory.as_ptr().cast(), layout) };
        })?;
        // SAFETY: freshly allocated for this very type.
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
        // SAFETY: slots are never unmapped; this one is the caller's alone.
        unsafe { slot.as_ref() }.context.store(memory.as_ptr().cast(), Ordering::Relaxed);
        // SAFETY: written above, and never freed.
        Ok(unsafe { memory.as_ref() })
    }

    /// Gives a slot and its counter back.
    ///
    /// # Safety
    /// The counter is closed, no call is in, and it is given back once.
    pub(super) unsafe fn release(counter: &'static Counter) {
        counter.poison(); // also if it was never opened
        counter.free.put(counter);
    }
}
