//! What this crate guarantees to a hardened program, what it does not, and how each guarantee is tested.
//!
//! # Threat model
//!
//! An attacker has found a bug elsewhere in the process. By this bug, the attacker can read and write any memory that is
//! readable and writable, and wants to run new code. The host may forbid anything: code made at run time, system calls,
//! files, descriptors. Some attackers are out of scope, because they need no trampolines: those who can call `mmap` with
//! arguments of their choice, write to the program's file, or trace the process.
//!
//! # What is guaranteed
//!
//! | guarantee | reason | tested by |
//! |---|---|---|
//! | Every instruction that runs was in the file that the linker wrote. | The crate contains nothing that writes code. | `ci/cross`, listings |
//! | No page is both writable and executable, at once or one after the other. | No page of code was ever writable. It is mapped executable, except on iOS, which may map it readable first. | `tests/scale.rs`, `tests/sources.rs`, and for whole test programs `ci/hosts --watch` |
//! | No mapped byte runs before it was compared with the thunks as they were assembled. | The crate compares the first copy of a table with constants. All others are duplicates of it, and not read from a path. | `tramp-rt/src/map/unix/master.rs`, `own_file.rs`, `map/linux/text.rs`, `tests/packages/hosts` |
//! | Nobody can make tables writable that come from a file, a memfd or a temporary file. | They are shared mappings of descriptors that cannot write, or of sealed files: `mprotect(2)`, EACCES. | `tests/sources.rs` |
//! | Slots are never executable. | They are anonymous memory, and nothing makes them executable. | the same |
//! | A protected trampoline's slot is read-only, except while one of its region is bound or released. | `mprotect` surrounds the stores, under a lock. | `tramp-rt/src/table/protected.rs`, `tests/packages/hosts` |
//! | Running off either end of a region is a fault, and so is running off the copies that are mapped. | A guard page lies before the code, and one behind the slots. The place of a copy that is not mapped yet is inaccessible. | `tests/sources.rs` |
//! | No descriptor stays open, and no file stays behind. The crate creates a file only if the sources before it fail. | The [`Source`](crate::Source)s have an order, and [`set_sources`](crate::set_sources) excludes sources. | `tests/sources.rs` |
//! | With a stock there is no system call. | [`reserve`](crate::Trampoline::reserve) | `tests/reserve.rs`, in a filter that kills |
//! | No `fork` finds a lock held. | Only protected slots have a lock, and a child takes it over. All else is compare-and-swap, checked in every interleaving. | `ci/loom`, `tests/packages/hosts` |
//! | A call after drop aborts with a message while the slot is free. | The free slot's handler is a function that aborts. | `tests/misuse.rs` |
//! | A failure leaves nothing behind, and the next attempt does not depend on it. | The destructor of each mapping unmaps it. | `tests/scale.rs`, `tests/packages/hosts` |
//!
//! # What the system adds where it can
//!
//! * On 64-bit Linux 6.10 and later, `mseal` seals the code tables. Then nobody can unmap, move or replace them either. The
//!   master copy is not sealed, because sealed pages cannot be duplicated.
//! * In `/proc/self/maps`, slots have the name `[anon:tramp slots]`.
//! * On x86-64 and aarch64, thunks begin with landing pads, except on aarch64 Windows. The processor may check them (aarch64's
//!   BTI). The crate asks for this check when it maps tables from a file, a memfd or a temporary file. Duplicated text is checked
//!   if the program's text is.
//!
//! While a seccomp filter is in force, the crate does neither of the first two, because a filter may kill the process for a
//! system call that it does not know. [`diagnostics`](crate::diagnostics()) says which of them are in use.
//!
//! The following systems were not executed. OpenBSD's text cannot be read, so its tables are linked as data; `mimmutable`
//! makes a region's code immutable. Apple's copies have a maximum protection without writing: `mprotect` cannot lift it,
//! Mach's `vm_protect` with `VM_PROT_COPY` can, as for all text. NetBSD's and FreeBSD's copies come from a descriptor that
//! cannot write, as on Linux. [docs/platforms.md](https://github.com/tramp-rs/tramp/blob/main/docs/platforms.md) names the
//! functions of each kernel that this rests on.
//!
//! # What is not guaranteed
//!
//! * **Slots hold a code pointer and a data pointer in writable memory.** So do vtable pointers, an `FnMut` in a `Box`, and a
//!   GOT without RELRO. An attacker who can write anywhere can make a trampoline call another function, but cannot run new
//!   code. [`Trampoline::protected`](crate::Trampoline::protected) protects against that: its slots are read-only, except for some
//!   microseconds at each creation and drop of one in the same region. Its closure, and the address of the code that drops the
//!   closure, lie on the heap as for any other trampoline.
//! * **Duplicated text is as private as the text itself.** If neither `mseal` nor `PR_SET_MDWE` nor a security module forbids it,
//!   an attacker who can call `mprotect` can make its pages writable, as any other page of the program. If your program
//!   should rather fail than use such text, leave [`Source::Text`](crate::Source::Text) out.
//! * **Addresses**: `mmap` decides how random a region's address is. A thunk's address reveals the address of its slot.
//! * **Clang's `cfi-icall` across libraries** (`-fsanitize-cfi-cross-dso`) stops a call of a mapped thunk, because it allows
//!   calls only into loaded libraries, and a mapped table is not one.
//!   [What to do](crate::guide::faq#a-call-dies-of-sigill-under-clangs-control-flow-integrity).
//! * **A drop during a call of an `Fn`** is a use after free, unless its calls are counted: see the rules of
//!   [`Trampoline`](crate::Trampoline#misuse).
//! * **The owner of the program's file** can change it, and with it the text that runs. The tables are protected no better.
//! * **Execute-only text** is mapped from the program's file like any other. If the file cannot be opened, the bytes of its tables come
//!   from /proc/self/mem, and if that cannot be read, only direct trampolines can be created.
//!
//! # On Windows
//!
//! Each view of the module's image has code and slots. Code is executable and shared, slots are writable and private, and
//! neither changes into the other (`tramp-rt/src/map/windows.rs` tests it). Only the loader makes code pages. So arbitrary
//! code guard and the policies for signed images allow a view if they allow the program itself.
//!
//! With control flow guard (`-C control-flow-guard`, Microsoft's linker or LLD) each thunk is listed as a valid target. The tests
//! run with a check that looks up every target in that list. Microsoft documents that the system applies the list to further
//! views of an image; this was not executed.
//!
//! There is no guard page, because the module's own data lies beside the slots. If arbitrary code guard is off,
//! `VirtualProtect` can make a view's code writable, as all other code.
//!
//! # What is allowed where
//!
//! | in | create, drop | call |
//! |---|---|---|
//! | a signal handler | no: it may have interrupted the thread's use of its cache | yes, if the closure may |
//! | the child of a `fork`, even of many threads | yes | yes |
//! | the child of a `vfork` | no, nor anything else | no |
//! | a thread's last destructors | yes | yes |
//!
//! # Reporting
//!
//! Report a bug by an issue that begins with the output of `cargo run --example doctor`. If the bug can be exploited, file a
//! private advisory instead of an issue: choose "Report a vulnerability" under the repository's "Security".
