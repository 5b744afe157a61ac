//! The closure inside: how it is run, which threads may do it, and where it is kept meanwhile.

pub(crate) mod run;
pub(crate) mod storage;
pub(crate) mod threads;
