//! What happens between C's call and the closure.
//!
//! A C function pointer is an address of code, with no room for what a closure captured. So each live closure needs an
//! address of its own, and the code there has to find the captured values. Others write that code when the closure is
//! made. Here all code is compiled and linked, and only data is written:
//!
//! ```text
//!  closure F ──▶ the compiler makes, for F and the callback's signature,
//!                    thunk<F, 0..4>(args)     each with a static slot of its own
//!                    handler<F>(args, slot)   which is told its slot
//!
//!  direct     C calls thunk<F, i> ──▶ static slot i ──▶ F, inlined
//!
//!               code table  R-X                        slots  RW-
//!              ┌─────────┬─────────┬───┐              ┌─────────┬─────────┬───┐
//!              │ thunk   │ thunk   │ … │   a fixed    │ (free)  │ context │ … │
//!              └─────────┴────▲─┬──┴───┘ ──────────▶  │ → next  │ handler │   │
//!  mapped     C calls here ───┘ │         distance    └─────────┴─────────┴───┘
//!                               └── slot's address into a register, jump to its
//!                                   handler ──▶ handler<F>(args, slot) ──▶ F, inlined
//!
//!  user data  C calls entry<F>(args, data) ──▶ data ──▶ F, inlined
//! ```
//!
//! * **Direct.** For each type of closure the compiler makes four functions, each reading a static slot. The first live
//!   trampolines get those: no system call, no memory, no jump. It works on every processor that Rust knows.
//! * **Mapped.** A table of thunks, two instructions each, is linked into the program. Mapped again, at another address, each
//!   thunk finds a slot at a fixed distance from itself, and jumps where that says. The kernel may have the table as
//!   often as wanted, for a mapping of the program's own file needs no permission to make code.
//! * **User data.** Where C passes a `void *`, no address has to be made up: one function for each type of closure.
//!
//! # The context
//!
//! A mapped thunk has to tell the closure's code which slot it is, and every register may be an argument of C's. It puts
//! the slot's address where *one argument more* would be: the ones before it stay where they are, in every calling
//! convention. Which place that is, a register or so many bytes up the stack, the compiler is asked, once for a signature,
//! by the call of a function with a different mark in every place. So any type works that rustc takes in an `extern`
//! signature.
//!
//! # A call's state
//!
//! The word that a call goes through says who may come: while an `FnMut` runs, its slot leads to a function that ends the
//! process with a message, and so does a slot that is free. A call that is not allowed finds, where the code to run
//! should be, the code to die of. Other calls pay nothing.
//!
//! # Where the table comes from
//!
//! From the program's own file; or its own pages, duplicated; or a sealed file in memory; or an unnamed temporary file: the
//! first [`Source`](crate::Source) that the system allows. No page is ever writable and executable, and what was mapped is
//! compared with what was linked before any of it runs. [`security`](crate::security) says what that is worth.
//!
//! The idea of the tables is that of libffi's [static trampolines][rfc].
//!
//! [rfc]: https://sourceware.org/pipermail/libffi-discuss/2021/002587.html
