//! What a closure costs.
//!
//! Measured by `ci/bench` of the repository on a virtual AMD EPYC with Linux 6.18 and rustc 1.95, medians; its
//! `docs/benchmarks.md` has the whole run, and how it compares with other crates.
//!
//! |                                          | user data |    direct |    mapped |
//! |------------------------------------------|----------:|----------:|----------:|
//! | `qsort` of 10^6 `u32`, counting, ×       |      1.00 | 1.05–1.16 | 1.12–1.28 |
//! | call with 3 arguments, instructions      |        13 |        19 |        16 |
//! | lend for one call, ns                    |         – |         7 |         9 |
//! | create and drop, 16 captured bytes, ns   |         – |        12 |        15 |
//! | create and drop, nothing captured, ns    |         – |         6 |         8 |
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
