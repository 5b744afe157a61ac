//! What this crate does for a hardened program, what it does not, and how each is tested.
//!
//! # Threat model
//!
//! The attacker has found a bug elsewhere in the process, by which he can read and write memory that is readable and
//! writable, and wants to run code of his own. The host may forbid what it likes: code made at run time, system calls,
//! files, descriptors. Whoever can make the process call `mmap` with arguments of his choice, write to the program's
//! file, or trace the process, needs no help from trampolines.
//!
//! # What is guaranteed
//!
//! | guarantee | by what | tested by |
//! |---|---|---|
//! | No code is made: every instruction that runs was in the file that the linker wrote. | There is no writer of code. | `ci/cross`, listings |
//! | No page is writable and executable, at once or one after the other. | Code is mapped executable and never gets there by `mprotect`. | `tests/scale.rs`, `tests/sources.rs`, and for whole test programs `ci/hosts --watch` |
//! | No mapped byte is run that was not compared with the linked tables. | The first copy is compared; further ones are duplicates of it, not read from a path. | `tramp-rt/src/map/unix/own_file.rs`, `map/linux/text.rs`, `tests/packages/hosts` |
//! | Tables that come from a file, a memfd or a temporary file can never be made writable, whoever asks. | Shared mappings of descriptors that cannot write, or of sealed files: `mprotect(2)`, EACCES. | `tests/sources.rs` |
//! | Slots are never executable. | They are anonymous memory, and nothing makes it so. | the same |
//! | A protected trampoline's slot is read-only, but while one of its region is bound or released. | `mprotect` around the stores, under a lock. | `tramp-rt/src/table/protected.rs`, `tests/packages/hosts` |
//! | Running off either end of a region is a fault. | A guard page before the code, and one behind the slots. | `tests/sources.rs` |
//! | No descriptor stays open, no file stays behind, and none is created unless the sources before it failed. | Order of [`Source`](crate::Source)s; [`set_sources`](crate::set_sources) forbids the rest. | `tests/sources.rs` |
//! | With a stock there is no system call. | [`reserve`](crate::Trampoline::reserve) | `tests/reserve.rs`, in a filter that kills |
//! | No `fork` finds a lock held. | There is none but that of protected slots, which a child takes over; else compare-and-swap on a counted head, checked in every interleaving. | `ci/loom`, `tests/packages/hosts` |
//! | A call after drop dies by name while the slot is free. | The free slot's handler is a function that aborts. | `tests/misuse.rs` |
//! | A failure leaves nothing behind, and is not remembered. | What was mapped is unmapped by its owner's destructor. | `tests/scale.rs`, `tests/packages/hosts` |
//!
//! # What the system adds where it can
//!
//! * Code tables are sealed with `mseal` (Linux 6.10, 64-bit): they cannot be unmapped, moved or replaced either. The master
//!   copy is not, or it could not be duplicated.
//! * Slots have a name, `[anon:tramp slots]`, in `/proc/self/maps`.
//! * Thunks begin with landing pads on x86-64 and aarch64, and where the processor checks them (aarch64's BTI) tables from a
//!   file, a memfd or a temporary file are mapped so that it does. Duplicated text is checked if the program's text is.
//!
//! The first two are left out while a seccomp filter is in force, since a filter may kill for a call that it does not know.
//! [`diagnostics`](crate::diagnostics()) says which of them there are.
//!
//! On other systems, which nothing of this was executed on: OpenBSD's tables are linked as data, since its text cannot be
//! read, and a region's code is made immutable (`mimmutable`). Apple's copies have a maximum protection without writing.
//! NetBSD's and FreeBSD's come from a descriptor that cannot write, as Linux's.
//!
//! # What is not guaranteed
//!
//! * **Slots hold a code pointer and a data pointer in writable memory**, as do every vtable pointer, every `FnMut` in a
//!   `Box` and a GOT without RELRO. An attacker who can write anywhere can have a trampoline call another function, though
//!   not run new bytes. [`Trampoline::protected`](crate::Trampoline::protected) is for those who fear that: its slots are
//!   read-only, but for some microseconds at each creation and drop of one in the same region. Its closure, and the
//!   address of the code that drops it, lie on the heap like any other's.
//! * **Duplicated text is as private as the text itself.** Where neither `mseal` nor `PR_SET_MDWE` nor a security module
//!   forbids it, code that already calls `mprotect` at the attacker's will can make its pages writable, as it could any of
//!   the program's. A program that would rather fail than use it leaves [`Source::Text`](crate::Source::Text) out.
//! * **Addresses**: a region's place is as random as `mmap` makes it; a thunk's address tells its slot's.
//! * **Clang's `cfi-icall` across libraries** (`-fsanitize-cfi-cross-dso`) stops a call of a mapped thunk: it lets calls through to
//!   libraries that were loaded, and a mapped table is none. [What to do](crate::guide::faq#a-call-dies-of-sigill-under-clangs-control-flow-integrity).
//! * **A drop while a call runs** in another thread is a use after free, as the rules of
//!   [`Trampoline`](crate::Trampoline#misuse) say.
//! * **A user who owns the program's file** can change it, and with it the text that runs. Tables are no better protected.
//! * Text that is execute-only is compared with what /proc/self/mem says of it. Where that says nothing, creating more
//!   trampolines than the direct ones is an error.
//!
//! # On Windows
//!
//! Code and slots are those of the module's image, in each of its views: code is executable and shared, slots are
//! writable and private, and none changes from one to the other (`tramp-rt/src/map/windows.rs` tests it). No code page is
//! made by other means than the loader's, so arbitrary code guard and the policies for signed images have nothing to
//! refuse that they let the program be loaded from. With control flow guard (`-C control-flow-guard`, Microsoft's linker or
//! LLD) each thunk is listed as a valid target, and tests are run with a check that looks every target up in that list. That
//! the system applies it to further views is its documented behaviour for every image, and was not executed here. There is
//! no guard page: what lies beside the slots is the module's own data. `VirtualProtect` can make a view's code writable
//! where arbitrary code guard is off, as it can all other code.
//!
//! # What may be done where
//!
//! | in | create, drop | call |
//! |---|---|---|
//! | a signal handler | no: a thread's cache may be in use beneath it | yes, if the closure may |
//! | the child of a `fork`, even of many threads | yes | yes |
//! | the child of a `vfork` | no, nor anything else | no |
//! | a thread's last destructors | yes | yes |
//!
//! # Reporting
//!
//! A bug: an issue that begins with what `cargo run --example doctor` prints. Something that can be exploited: a private
//! advisory, "Report a vulnerability" under the repository's "Security", not an issue.
