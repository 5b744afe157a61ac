//! Homes: where the slots of a thread's runs come back to.
//!
//! ```text
//!   newest ──▶ home ───next───▶ home ───next───▶ …     one for each thread that ever needed one at the same time
//!               ▲ freed ▶ slot ▶ slot ▶ …
//!               │
//!               └── home ── the other runs of this thread
//! ```
//!
//! The first run that a thread takes is its *home*. The thread's other runs point to it, and slots that are more than a
//! thread needs are sent to the home of their run. When the thread ends, the home stays, with all its slots, and the next
//! thread that needs one moves in.
//!
//! Each home has one list of free slots. A list is pushed to, and it is taken as a whole by one exchange; nobody takes a
//! part. So the words of a slot are only ever used by the one thread that has it, and a head that went and came back does
//! no harm: a push needs to know where the list begins, and nothing else of it.

use core::ptr::{NonNull, null_mut};

use super::free::{join, link, next};
use crate::slot::Slot;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// How many more may rest in a thread's cache before as many go home; and how many are taken from a list at a time.
pub(crate) const SURPLUS: usize = if cfg!(loom) { 1 } else { 64 };

/// What every run begins with. No closure ever lies in these words.
#[repr(C)]
pub(crate) struct Header {
    /// The supply's own.
    pub(crate) note: AtomicUsize,
    /// The header of the home that this run belongs to.
    home: AtomicPtr<Header>,
    /// Of a home: its free slots, linked through their `context`, the last one's link null.
    freed: AtomicPtr<Slot>,
    /// Of a home: the one that was the newest before it, and [`VACANT`]. Of a run that was [refused](super::refused): the one
    /// that was refused before it.
    pub(super) next: AtomicPtr<Header>,
}

/// How often a thread looks again while others have a list in hand: for some 50 ms, since they may be interrupted.
const PATIENCE: usize = if cfg!(loom) { 1 } else { 1_000_000 };

/// How often in a row it finds no list, and none in hand, before it believes that.
const QUIET: usize = if cfg!(loom) { 1 } else { 4 };

/// A bit of `next`: no thread is at home here.
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

    /// The home of a run that someone has taken.
    pub(super) fn home(&self) -> &'static Self {
        // SAFETY: whoever took the run stored this before there was a slot to look for the home of; headers are never
        // unmapped.
        unsafe { &*self.home.load(Ordering::Relaxed) }
    }

    /// Says where the slots of a run come home to. Before anyone has one of them.
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

    /// Whether there was a list a moment ago. Whoever looks does not disturb those who push.
    fn has_list(&self) -> bool {
        !self.freed.load(Ordering::Acquire).is_null()
    }

    /// Takes the whole list, which is the caller's then.
    fn take(&self) -> Option<NonNull<Slot>> {
        NonNull::new(self.freed.swap(null_mut(), Ordering::AcqRel))
    }

    /// Gives back a list of which only the beginning is known.
    fn put_back(&self, mut list: NonNull<Slot>) {
        while self.freed.compare_exchange(null_mut(), list.as_ptr(), Ordering::Release, Ordering::Relaxed).is_err() {
            // Others have pushed meanwhile.
            if let Some(other) = self.take() {
                list = join(list, other);
            }
        }
    }

    /// Moves in, if no thread is at home here.
    pub(super) fn enter(&self) -> bool {
        let next = self.next.load(Ordering::Relaxed);
        let taken = next.map_addr(|address| address & !VACANT);
        next != taken && self.next.compare_exchange(next, taken, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Moves out: the next thread that needs a home has this one.
    pub(super) fn leave(&self) {
        // While a thread is at home here nobody else changes the word.
        let next = self.next.load(Ordering::Relaxed);
        self.next.store(next.map_addr(|address| address | VACANT), Ordering::Release);
    }
}

/// All homes there are, the newest first.
pub(super) struct Homes {
    newest: AtomicPtr<Header>,
    /// How many threads have a list in hand, of which they will put most back. A hint: a `fork` may leave some behind.
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

    /// Takes up to [`SURPLUS`] slots from the list of a thread's own home, or else from another's.
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

    /// As [`take`](Self::take), and waits while other threads have a list in hand. But not for ever.
    pub(super) fn wait(&self, own: Option<&'static Header>) -> Option<NonNull<Slot>> {
        let mut quiet = 0;
        for _ in 0..PATIENCE {
            let found = self.take(own);
            if found.is_some() {
                return found;
            }
            // One look is not enough: a list may have been taken and put back during it.
            quiet = if self.in_hand.load(Ordering::Acquire) == 0 { quiet + 1 } else { 0 };
            if quiet == QUIET {
                return None;
            }
            core::hint::spin_loop();
        }
        // Whoever had it is gone, perhaps.
        self.let_go();
        None
    }

    /// Makes a run a home, where the caller's thread is.
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
            // SAFETY: null, or the header of a home, which is never unmapped.
            unsafe { address.map_addr(|address| address & !VACANT).as_ref() }
        };
        core::iter::successors(home(self.newest.load(Ordering::Acquire)), move |last| {
            home(last.next.load(Ordering::Relaxed))
        })
    }
}
