//! The crate without its feature `mapped`: see `tests/`.
