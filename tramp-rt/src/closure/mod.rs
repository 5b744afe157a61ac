//! The closure inside a trampoline: how calls use it, on which threads, for how long, and where it lies.
//!
//! This layer knows a claimed slot by `claim`, and what C sees by `signature`. It knows no trampoline.

pub(crate) mod access;
pub(crate) mod callee;
pub(crate) mod counted;
pub(crate) mod enter;
pub(crate) mod lease;
pub(crate) mod storage;
pub(crate) mod threads;
