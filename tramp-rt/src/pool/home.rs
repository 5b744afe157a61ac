//! Homes: the places to which the slots of a thread's runs return.
//!
//! ```text
//!   newest ──▶ home ───next───▶ home ───next───▶ …     as many as there were threads at the same time that needed one
//!               ▲ freed ▶ slot ▶ slot ▶ …
//!               │
//!               └── home ── the other runs of this thread
//! ```
//!
//! The first run that a thread takes is its *home*. The thread's other runs point to it. If a thread has more slots
//! than it needs, it sends each of them to the home of its run. When a thread ends, its home stays with all its slots,
//! and the next thread that needs a home moves in.
//!
//! Each home has one list of free slots. A thread pushes to a list, or takes the whole list by one exchange. It never
//! takes a part. So only the thread that has a slot uses the slot's words. A head that was taken and came back in the
//! meantime does no harm, because a push needs only the beginning of the list.

use core::ptr::{NonNull, null_mut};

use super::free::{join, link, next};
use crate::slot::Slot;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// How many slots more than the quarantine may rest in a thread's cache before that many go home. A thread takes as
/// many from a list at a time.
pub(crate) const SURPLUS: usize = if cfg!(loom) { 1 } else { 64 };

/// The beginning of every run. No closure ever lies in these words.
#[repr(C)]
pub(crate) struct Header {
    /// Belongs to the supply.
    pub(crate) note: AtomicUsize,
    /// The header of the run's home.
    home: AtomicPtr<Header>,
    /// In a home: its free slots, linked through their `context`. The last link is null.
    freed: AtomicPtr<Slot>,
    /// In a home: the home that was the newest before it, plus [`VACANT`]. In a run that was [refused](super::refused):
    /// the run that was refused before it.
    pub(super) next: AtomicPtr<Header>,
}

/// How often a thread looks again while other threads have a list in hand. It takes some 50 ms, because those threads
/// may be interrupted.
const PATIENCE: usize = if cfg!(loom) { 1 } else { 1_000_000 };

/// How often in a row a thread finds no list, and no list in hand, before it stops looking.
const QUIET: usize = if cfg!(loom) { 1 } else { 4 };

/// A bit of `next`: no thread lives in this home.
const VACANT: usize = 1;

impl Header {
    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self {
            note: AtomicUsize::new(0),
            home: AtomicPtr::new(null_mut()),
            freed: AtomicPtr::new(null_mut()),
            next: AtomicPtr::new(null_mut()),
        }
    }

    /// The home of a run that some thread has taken.
    pub(super) fn home(&self) -> &'static Self {
        // SAFETY: the thread that took the run stored its home before any thread had one of its slots. Headers are
        // never unmapped.
        unsafe { &*self.home.load(Ordering::Relaxed) }
    }

    /// Sets the home of a run, before any thread has one of its slots.
    pub(super) fn belong_to(&self, home: &'static Self) {
        self.home.store(core::ptr::from_ref(home).cast_mut(), Ordering::Relaxed);
    }

    /// Adds the chain from `first` to `last`.
    pub(super) fn push(&self, first: NonNull<Slot>, last: NonNull<Slot>) {
        let mut head = self.freed.load(Ordering::Relaxed);
        loop {
            link(last).store(head.cast(), Ordering::Relaxed);
            match self.freed.compare_exchange_weak(head, first.as_ptr(), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Whether there was a list a moment ago. A look does not slow down the threads that push.
    fn has_list(&self) -> bool {
        !self.freed.load(Ordering::Acquire).is_null()
    }

    /// Takes the whole list. It belongs to the caller then.
    fn take(&self) -> Option<NonNull<Slot>> {
        NonNull::new(self.freed.swap(null_mut(), Ordering::AcqRel))
    }

    /// Puts back a list whose end is unknown.
    fn put_back(&self, mut list: NonNull<Slot>) {
        while self.freed.compare_exchange(null_mut(), list.as_ptr(), Ordering::Release, Ordering::Relaxed).is_err() {
            // Other threads have pushed in the meantime.
            if let Some(other) = self.take() {
                list = join(list, other);
            }
        }
    }

    /// Moves in, if no thread lives here.
    pub(super) fn enter(&self) -> bool {
        let next = self.next.load(Ordering::Relaxed);
        let taken = next.map_addr(|address| address & !VACANT);
        next != taken && self.next.compare_exchange(next, taken, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Moves out. The next thread that needs a home may take this one.
    pub(super) fn leave(&self) {
        // While a thread lives here, no other thread changes this word.
        let next = self.next.load(Ordering::Relaxed);
        self.next.store(next.map_addr(|address| address | VACANT), Ordering::Release);
    }
}

/// All homes, newest first.
pub(super) struct Homes {
    newest: AtomicPtr<Header>,
    /// How many threads have a list in hand, most of which they will put back. This is a hint, because a `fork` may
    /// leave some behind.
    pub(super) in_hand: AtomicUsize,
}

impl Homes {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self { newest: AtomicPtr::new(null_mut()), in_hand: AtomicUsize::new(0) }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self { newest: AtomicPtr::new(null_mut()), in_hand: AtomicUsize::new(0) }
    }

    /// Takes up to [`SURPLUS`] slots from the list of the thread's own home, or else from the list of another home.
    pub(super) fn take(&self, own: Option<&'static Header>) -> Option<NonNull<Slot>> {
        let mut homes = own.into_iter().chain(self.iter()).filter(|home| home.has_list());
        homes.find_map(|home| {
            self.in_hand.fetch_add(1, Ordering::Relaxed);
            let first = home.take();
            let last = core::iter::successors(first, |&slot| next(slot)).nth(SURPLUS - 1);
            if let Some((last, rest)) = last.and_then(|last| Some((last, next(last)?))) {
                link(last).store(null_mut(), Ordering::Relaxed);
                home.put_back(rest);
            }
            self.let_go();
            first
        })
    }

    fn let_go(&self) {
        let one_less = |count: usize| count.checked_sub(1);
        let _ = self.in_hand.fetch_update(Ordering::Release, Ordering::Relaxed, one_less);
    }

    /// Like [`take`](Self::take), but waits while other threads have a list in hand. The time is limited.
    pub(super) fn wait(&self, own: Option<&'static Header>) -> Option<NonNull<Slot>> {
        let mut quiet = 0;
        for _ in 0..PATIENCE {
            let found = self.take(own);
            if found.is_some() {
                return found;
            }
            // One look is not enough, because a list may be taken and put back during the look.
            quiet = if self.in_hand.load(Ordering::Acquire) == 0 { quiet + 1 } else { 0 };
            if quiet == QUIET {
                return None;
            }
            core::hint::spin_loop();
        }
        // Perhaps the thread that had the list does not exist any more.
        self.let_go();
        None
    }

    /// Makes a run the home of the caller's thread.
    pub(super) fn add(&self, home: &'static Header) {
        let mut newest = self.newest.load(Ordering::Relaxed);
        loop {
            home.next.store(newest, Ordering::Relaxed);
            let added = core::ptr::from_ref(home).cast_mut();
            match self.newest.compare_exchange_weak(newest, added, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => newest = now,
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static Header> {
        let home = |address: *mut Header| {
            // SAFETY: the pointer is null or leads to the header of a home, which is never unmapped.
            unsafe { address.map_addr(|address| address & !VACANT).as_ref() }
        };
        core::iter::successors(home(self.newest.load(Ordering::Acquire)), move |last| {
            home(last.next.load(Ordering::Relaxed))
        })
    }
}
