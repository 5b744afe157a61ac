//! What a closure costs.
//!
//! Measured by `ci/bench` of the repository on a virtual AMD EPYC with Linux 6.18 and rustc 1.95, medians; its
//! `docs/benchmarks.md` has the whole run, and how it compares with other crates.
//!
//! <!-- figures: ci/figures writes this table from docs/benchmarks.md -->
//!
//! |  | user data | tramp, direct | tramp, mapped |
//! | --- | ---: | ---: | ---: |
//! | `qsort` of 10^6 `u32`, × user data | 1 | 1.05 | 1.12 |
//! | a call with 3 arguments, instructions | 13 | 19 | 16 |
//! | create and drop, 16 captured bytes, ns | – | 11.7 | 14.9 |
//! | lend for one call, ns | – | 7.10 | 8.87 |
//! | the first one of a process, µs | – | 3.31 | 90 |
//! | 10^6 alive, bytes of memory each | – | – | 56.4 |
//! | two threads, × one thread | – | 1.98 | 2 |
//! | a stripped program grows by, KiB | – | 171 | 175 |
//! | the same without the feature `mapped`, KiB | – | 7.40 | – |
//!
//! <!-- end -->
//!
//! The first column is a C API with a `void *`, which a closure under `UserData` goes through with no slot; it is measured
//! there by hand. *Direct* are the first few live trampolines of a closure's type, *mapped* all others:
//! [how it works](crate::guide::how_it_works).
//!
//! # What there is to choose
//!
//! * **`Fn` or `FnMut`**: with `Send`, each call of an `FnMut` exchanges a word atomically, and once more when it returns if it
//!   is not lent: some 4 ns each. An `Fn`, or an `FnMut` for one thread, does without. A [counted](crate::Trampoline::counted) `Fn` has two as well.
//!   [The figures](crate::Trampoline#misuse).
//! * **What is captured**: up to one word that needs no drop lies in the slot itself. Anything else that C keeps is boxed;
//!   what is lent stays in the caller's frame. Neither is boxed twice: give the closure, not a `Box<dyn Fn>`.
//! * **How many live at once**: four of each closure type are direct, of eight in all. `#[trampoline(direct = 8)]` makes
//!   it eight, `direct = 0` none, for a smaller program; each is a few dozen bytes of code.
//! * **The first mapped one** takes some 100 µs, in which a table is mapped. [`reserve`](crate::Trampoline::reserve) does so
//!   when you say. Ten million live ones take 56 bytes each.
//! * **Creating in a loop** is cheap, and lending cheaper still. Nothing has to be kept for later.
