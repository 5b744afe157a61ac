//! The atomics of this crate: those of the processor, or those of loom when it checks a model. And values that are made
//! once.

#[cfg(all(not(loom), target_has_atomic = "ptr"))]
use core::sync::atomic as imp;
#[cfg(loom)]
use loom::sync::atomic as imp;

#[cfg(all(not(loom), not(target_has_atomic = "ptr")))]
use self::absent as imp;

pub(crate) use imp::{AtomicPtr, AtomicUsize, Ordering};

/// For processors without compare-and-swap. `lib.rs` rejects them, and with these types that is the only error.
#[cfg(all(not(loom), not(target_has_atomic = "ptr")))]
#[allow(dead_code, reason = "nothing of it is ever run")]
mod absent {
    use core::ops::Deref;
    use core::sync::atomic;

    pub(crate) use atomic::Ordering;

    macro_rules! absent {
        ($name:ident [$($T:ident)?] $value:ty) => {
            #[derive(Debug)]
            pub(crate) struct $name$(<$T>)?(atomic::$name$(<$T>)?);

            /// Such processors do have loads and stores.
            impl$(<$T>)? Deref for $name$(<$T>)? {
                type Target = atomic::$name$(<$T>)?;
                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }

            impl$(<$T>)? $name$(<$T>)? {
                pub(crate) const fn new(value: $value) -> Self {
                    Self(atomic::$name::new(value))
                }
                pub(crate) fn swap(&self, _: $value, _: Ordering) -> $value {
                    unreachable!()
                }
                pub(crate) fn compare_exchange(
                    &self, _: $value, _: $value, _: Ordering, _: Ordering,
                ) -> Result<$value, $value> {
                    unreachable!()
                }
            }
        };
    }

    absent!(AtomicPtr [T] *mut T);
    absent!(AtomicUsize [] usize);

    impl AtomicUsize {
        pub(crate) fn fetch_add(&self, _: usize, _: Ordering) -> usize {
            unreachable!()
        }
        pub(crate) fn fetch_sub(&self, _: usize, _: Ordering) -> usize {
            unreachable!()
        }
        pub(crate) fn fetch_and(&self, _: usize, _: Ordering) -> usize {
            unreachable!()
        }
        pub(crate) fn fetch_or(&self, _: usize, _: Ordering) -> usize {
            unreachable!()
        }
        pub(crate) fn fetch_update(
            &self,
            _: Ordering,
            _: Ordering,
            _: impl FnMut(usize) -> Option<usize>,
        ) -> Result<usize, usize> {
            unreachable!()
        }
    }
}

/// A value that the first thread to need it makes, and that stays as long as the process lives.
///
/// It has no lock that a `fork` could find held. Two threads may make a value at the same time, and the slower thread
/// drops its own.
#[cfg(all(feature = "mapped", not(loom)))]
#[allow(dead_code, reason = "a system without a way to map makes none")]
pub(crate) struct MadeOnce<T>(AtomicPtr<T>);

#[cfg(all(feature = "mapped", not(loom)))]
#[allow(dead_code, reason = "a system without a way to map makes none")]
impl<T: Send + Sync + 'static> MadeOnce<T> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()))
    }

    /// The value. If making it fails, the next caller tries again.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&'static T, E> {
        // SAFETY: the pointer is null, or was leaked below.
        if let Some(made) = unsafe { self.0.load(Ordering::Acquire).as_ref() } {
            return Ok(made);
        }
        let made = Box::into_raw(Box::new(make()?));
        match self.0.compare_exchange(core::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: the pointer comes from the box above. The value is never freed, because other threads can see it
            // now.
            Ok(_) => Ok(unsafe { &*made }),
            Err(earlier) => {
                // SAFETY: the pointer comes from the box above, and no other thread has seen it.
                drop(unsafe { Box::from_raw(made) });
                // SAFETY: this is the value of another thread, which was leaked in the same way.
                Ok(unsafe { &*earlier })
            }
        }
    }
}
