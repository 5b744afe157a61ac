//! The atomics of this crate: the processor's, or loom's when a model is checked. And what is made once by them.

#[cfg(all(not(loom), target_has_atomic = "ptr"))]
use core::sync::atomic as imp;
#[cfg(loom)]
use loom::sync::atomic as imp;

#[cfg(all(not(loom), not(target_has_atomic = "ptr")))]
use self::absent as imp;

pub(crate) use imp::{AtomicPtr, AtomicUsize, Ordering};

/// What the processor does not have. `lib.rs` rejects it, and with these that is the only error.
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

            /// What it does have: loads and stores.
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

/// A value that the first thread to need it makes, and that stays for as long as the process lives.
///
/// There is no lock, which a `fork` could find held: two threads may make one, and the slower one drops its own.
#[cfg(all(feature = "mapped", not(loom)))]
#[allow(dead_code, reason = "a system without a way to map makes none")]
pub(crate) struct MadeOnce<T>(AtomicPtr<T>);

#[cfg(all(feature = "mapped", not(loom)))]
#[allow(dead_code, reason = "a system without a way to map makes none")]
impl<T: Send + Sync + 'static> MadeOnce<T> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()))
    }

    /// The value. If making it fails, the next one who asks tries again.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&'static T, E> {
        // SAFETY: null, or leaked below.
        if let Some(made) = unsafe { self.0.load(Ordering::Acquire).as_ref() } {
            return Ok(made);
        }
        let made = Box::into_raw(Box::new(make()?));
        match self.0.compare_exchange(core::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: from the box above, and never freed now that others can see it.
            Ok(_) => Ok(unsafe { &*made }),
            Err(earlier) => {
                // SAFETY: from the box above, and seen by no one.
                drop(unsafe { Box::from_raw(made) });
                // SAFETY: another thread's, leaked as this one would have been.
                Ok(unsafe { &*earlier })
            }
        }
    }
}
