//! The closure inside: how it is run, which threads may do it, for how long, and where it lies meanwhile.
//!
//! Knows a claimed slot by `claim`, what C sees by `signature`, and no trampoline.

pub(crate) mod access;
pub(crate) mod callee;
pub(crate) mod counted;
pub(crate) mod enter;
pub(crate) mod lease;
pub(crate) mod storage;
pub(crate) mod threads;
