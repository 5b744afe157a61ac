//! The closure inside: how it is run, which threads may do it, and where it is kept meanwhile.
//!
//! Knows a claimed slot by `claim`, what C sees by `signature`, and no trampoline.

pub(crate) mod counted;
pub(crate) mod run;
pub(crate) mod storage;
pub(crate) mod threads;
