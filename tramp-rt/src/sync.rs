//! The atomics of this crate: the processor's, or loom's when a model is checked.

#[cfg(not(loom))]
use core::sync::atomic as imp;
#[cfg(loom)]
use loom::sync::atomic as imp;

pub(crate) use imp::{AtomicPtr, AtomicUsize, Ordering};
