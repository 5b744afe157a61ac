//! What a closure costs, and how to make it cost less.
//!
//! # Advice
//!
//! * **Lend where you can.** A lent closure stays in the caller's frame and needs no heap. That is what a parameter without
//!   `#[scope(…)]` does, and the `scoped` constructors.
//! * **Do not cache trampolines.** Creating and dropping one takes about as long as a small allocation.
//! * **Give the closure itself, not a `Box<dyn Fn>`.** The crate inlines the closure into the function that C calls. A closure
//!   that C keeps is boxed once, unless it captures at most one word that needs no drop: then it lies in the slot.
//! * **Prefer an `Fn`, or an `FnMut` for one thread, for calls in a hot loop.** A `new_mut` closure, which any thread may
//!   call, needs two atomic exchanges for each call, and a lent one needs one. A [counted](crate::Trampoline::counted) closure
//!   needs two. Each takes about 4 ns. [The figures for each constructor](crate::Trampoline#misuse).
//! * **Call [`reserve`](crate::Trampoline::reserve) before a latency-critical phase.** The first mapped trampoline maps a table,
//!   which takes about 100 µs.
//! * **Use the `void *` if C has one.** A closure behind [`UserData`](crate::UserData) takes no slot.
//! * **For a smaller program, write `#[trampoline(direct = 0)]`.** The compiler makes four direct thunks for each closure
//!   type, of a few dozen bytes each. `direct = 8` makes eight, and so lets the type use all eight direct slots of the program.
//!
//! # Figures
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
//! The column *user data* is a C API with a `void *` that is used by hand. The first four live trampolines of a program are
//! *direct*, and with `direct = 8` the first eight. All others are *mapped*: see [how it works](crate::guide::how_it_works). Ten
//! million live closures of 16 bytes take 56 bytes each.
//!
//! These are medians of `ci/bench` on a virtual AMD EPYC with Linux 6.18 and rustc 1.95.
//! [docs/benchmarks.md](https://github.com/tramp-rs/tramp/blob/main/docs/benchmarks.md) has the whole run, and compares with
//! other crates.
