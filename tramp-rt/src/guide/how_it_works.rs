//! What happens between C's call and the closure.
//!
//! A C function pointer is an address of code, and has no room for what a closure captures. So each live closure needs an
//! address of its own, and the code at this address has to find the captured values. Other crates write that code when
//! the closure is created. This crate has all its code compiled and linked, and writes only data:
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
//! * **Direct.** For each closure type the compiler makes four functions, and each of them reads a static slot. All closure
//!   types share these slots, so the first four live trampolines of the program get such a function. They need no system call,
//!   no memory and no jump, and work on every processor that Rust supports.
//! * **Mapped.** The program contains a table of thunks of two instructions each. The crate maps this table again at other
//!   addresses. Each thunk finds its slot at a fixed distance from itself, and jumps to the slot's handler. The crate can
//!   map the table as often as needed, because a mapping of the program's own file needs no permission to make code.
//! * **User data.** If C passes a `void *`, the closure needs no address of its own. One function for each closure type is
//!   enough.
//!
//! # The context
//!
//! A mapped thunk has to pass its slot's address to the handler, but C may use every argument register for its own
//! arguments. So the thunk puts the address where *one more argument* would be. In every calling convention, the arguments
//! before that one stay where they are.
//!
//! This place is a register or a word on the stack, and depends on the signature. To find it, the crate asks the compiler: it
//! calls a function of the signature once, with a different mark in every place, and sees which mark arrives as the last
//! argument. So any type works that rustc accepts in an `extern` signature.
//!
//! # A call's state
//!
//! Each call jumps to the address in its slot's handler word. While an `FnMut` runs, or while the slot is free, this word holds
//! the address of a function that prints a message and aborts. So a call that is not allowed aborts, and calls that are
//! allowed need no test for that.
//!
//! # Where the table comes from
//!
//! The crate maps the table from the first [`Source`](crate::Source) that the system allows: the program's own file, its own
//! pages, a sealed file in memory, or an unnamed temporary file. No page is ever both writable and executable. Before any mapped
//! code runs, the crate compares it with the code that was linked. [`security`](crate::security) explains what this guarantees.
//!
//! The idea of the tables comes from libffi's [static trampolines][rfc].
//!
//! [rfc]: https://sourceware.org/pipermail/libffi-discuss/2021/002587.html
