//! Tells threads apart, by numbers.

#[cfg(feature = "std")]
pub(crate) use numbers::{Thread, is_this, made, number, this};

#[cfg(feature = "std")]
mod numbers {
    use core::cell::Cell;

    use crate::misuse;
    use crate::sync::{AtomicUsize, Ordering};

    /// A thread's number.
    pub(crate) type Thread = usize;

    /// A number has zeros where a tag has its bits, because the tag of a direct slot is the sum of both.
    const STEP: usize = 2 * crate::slot::compared::TAG_BITS;

    std::thread_local! {
        /// This thread's number, or 0 if nothing has asked for it yet. Unlike an address, a number is never used again.
        static THREAD: Cell<usize> = const { Cell::new(0) };
    }

    static LAST: AtomicUsize = AtomicUsize::new(0);

    #[inline]
    pub(crate) fn this() -> Thread {
        match THREAD.get() {
            0 => number_this(),
            number => number,
        }
    }

    #[cold]
    fn number_this() -> Thread {
        // There is no lock, because a `fork` could find it held. On 32-bit processors, five hundred million threads get
        // a number. After that the counter stays at the last number. So while this thread ends the process, no other
        // thread gets a number that is in use.
        match LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| last.checked_add(STEP)) {
            Ok(last) => {
                THREAD.set(last + STEP);
                last + STEP
            }
            Err(_) => misuse::out_of_thread_numbers(),
        }
    }

    /// This thread's number, or 0 if nothing has asked for it yet. Returns nothing only without std.
    #[allow(clippy::unnecessary_wraps, reason = "there is none without std")]
    #[inline(always)] // on the path of every call
    pub(crate) fn number() -> Option<usize> {
        Some(THREAD.get())
    }

    #[inline(always)] // on the path of every call
    pub(crate) fn is_this(thread: Thread) -> bool {
        THREAD.get() == thread
    }

    /// Whether some thread has this number.
    pub(crate) fn made(number: usize) -> bool {
        number % STEP == 0 && (1..=LAST.load(Ordering::Relaxed)).contains(&number)
    }
}

/// Without std, nothing tells threads apart. Only the caller keeps the rule.
#[cfg(not(feature = "std"))]
pub(crate) use none::{Thread, is_this, made, number, this};

#[cfg(not(feature = "std"))]
mod none {
    pub(crate) type Thread = [usize; 0];

    pub(crate) fn this() -> Thread {
        []
    }

    #[inline(always)]
    pub(crate) fn number() -> Option<usize> {
        None
    }

    #[inline(always)]
    pub(crate) fn is_this([]: Thread) -> bool {
        true
    }

    pub(crate) fn made(_: usize) -> bool {
        false
    }
}
