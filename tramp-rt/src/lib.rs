//! Rust closures as plain C function pointers, with no code generated at run time.
//!
//! Many C functions take a callback without user data: `qsort`, `nftw`, `signal`, `atexit`, the error handlers of
//! GLFW and Xlib. A closure that captures something cannot be such a callback, because a C function pointer has no room for
//! what the closure captures. This crate gives each closure a C function pointer of its own:
//!
//! ```
//! use std::ffi::{c_int, c_void};
//! use tramp_rt::trampoline;
//!
//! #[trampoline]
//! unsafe extern "C" {
//!     fn qsort(
//!         base: *mut c_void,
//!         count: usize,
//!         size: usize,
//!         compare: impl FnMut(*const c_void, *const c_void) -> c_int,
//!     );
//! }
//!
//! let mut numbers = [3, 1, 2];
//! let mut comparisons = 0;
//! // SAFETY: three elements of four bytes; `qsort` calls back with pointers to two of them.
//! unsafe {
//!     qsort(numbers.as_mut_ptr().cast(), 3, 4, |a, b| {
//!         comparisons += 1;
//!         (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as c_int
//!     });
//! }
//! assert_eq!(numbers, [1, 2, 3]);
//! assert!(comparisons >= 2);
//! ```
//!
//! # What to write
//!
//! | You have                                                  | Write                                                       |
//! |-----------------------------------------------------------|-------------------------------------------------------------|
//! | a C function to declare                                   | [`#[trampoline]`](macro@trampoline) on its `extern` block, `impl FnMut(…)` for the callback |
//! | a declared C function, its callback type without lifetimes | `Trampoline::<unsafe extern "C" fn(c_int)>::new(…)`         |
//! | the same, called before it returns                        | [`lend_mut(\|f\| c_function(f), \|…\| …)`](lend_mut); several at once in a [`scope`] |
//! | a callback type with lifetimes, or with a name            | `#[trampoline] type Filter = unsafe extern "C" fn(&Entry) -> c_int;`, then `Trampoline::<Filter>::new(…)` |
//! | a handler with a state of its own                         | `#[trampoline] extern "C" fn on_line(log: &mut Log, line: *mut c_char) { … }`, then `on_line::bind(log)` |
//! | a C function with a `void *` for the callback             | [`UserData`] in its place: the same closures work without a trampoline |
//!
//! To start, read [the first five minutes](guide::first_five_minutes). The [`guide`] has a row for every kind of C declaration,
//! [recipes](guide::recipes), and [answers to error messages](guide::faq). [`Trampoline`] helps you choose a constructor by
//! two questions: how long C keeps the pointer, and which threads call it.
//!
//! # How it works
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
//! The crate compiles, copies and patches no code at run time, and no page is ever both writable and executable.
//!
//! The first few live trampolines of a program are *direct*. For each closure type the compiler makes a few functions, and each
//! of them reads a static slot. All closure types share these slots. All other trampolines are *mapped*. The program contains a
//! table of thunks, which are a few instructions each. The crate maps this table again beside fresh slots, as often as needed.
//!
//! A mapped thunk leaves C's arguments where they are, and puts the slot's address where one more argument would be. To find
//! out which register or stack word that is, the crate asks the compiler: it calls a function of the signature once, with a
//! different mark in every place. So every type that rustc accepts in an `extern` signature works, by value or by
//! reference, on every processor that has thunks.
//!
//! # Platforms
//!
//! | system                       | direct trampolines | mapped trampolines                           |
//! |------------------------------|--------------------|----------------------------------------------|
//! | Linux, with glibc            | yes, executed      | yes, executed, on all eight processors        |
//! | Linux, with musl             | yes, executed      | yes, executed, on x86-64 and aarch64          |
//! | Windows (`-msvc`)            | yes, under Wine    | yes, under Wine, on x86-64 and aarch64; on i386 not built |
//! | Windows (`-gnu`)             | yes, under Wine    | yes, under Wine, on x86-64 and i386           |
//! | Windows (`-gnullvm`)         | yes, under Wine    | yes, one program under Wine, on aarch64       |
//! | FreeBSD, NetBSD, OpenBSD     | yes, built         | yes; built and inspected, not executed        |
//! | macOS, iOS, Android          | yes, built         | yes; built and inspected, not executed        |
//! | WASI                         | yes, executed      | [`Error::Unsupported`] once direct slots are taken |
//! | every other target           | yes, not tested    | the same                                      |
//!
//! The processors are x86-64, i386, aarch64, arm, riscv64, powerpc64le, s390x and loongarch64; on Apple's systems, aarch64
//! and x86-64. [docs/platforms.md](https://github.com/tramp-rs/tramp/blob/main/docs/platforms.md) says how each is tested.
//!
//! # Features
//!
//! * `mapped` (default): mapped trampolines. They need `libc` and `memmap2` on the systems above that have them, except on
//!   Windows. Without this feature a program has only direct slots: at most 4 live trampolines, or 8 if their signatures
//!   have [`direct = 8`](macro@trampoline). Then it contains no assembly, maps nothing, and makes no system call.
//! * `std` (default, needed by `mapped`). Without this feature the crate is `no_std` and needs `alloc`, and four things
//!   differ:
//!   * The crate catches no panic. `#[on_panic]` gives C no value, and a panic in a closure ends the program.
//!   * Calls do not check their thread. Only the caller's promise keeps other threads from a closure for one thread. So
//!     [`leak`](Trampoline::leak) gives an `unsafe` function pointer for such a closure, and no `safe fn` of an `extern`
//!     block takes one.
//!   * A misuse panics with its message, or aborts if the panic would unwind.
//!   * `diagnostics` does not exist.
//!
//! # Limits
//!
//! * If an `Fn` closure runs while its trampoline is dropped, the crate cannot detect it, unless its calls are
//!   [counted](Trampoline::counted). See [`Trampoline`'s rules](Trampoline#misuse).
//! * A free slot of 16 bytes goes to another trampoline, never back to the system.
//! * Creating and dropping a trampoline takes no lock, except for [`protected`](Trampoline::protected) ones, but is not
//!   async-signal-safe. *Calling* an `Fn` or `FnMut` is, if the closure is and nobody drops its trampoline during the call.
//!   Calling a `once` or `async` closure is not, because the call frees the closure's memory.
//! * Windows must be version 10 or later. The first 1,016 mapped trampolines (508 on i386) of a kind of signature are in the
//!   program's own image. For more, the crate opens the module's file and maps its image again. Each such mapping
//!   takes as many addresses as the image, and commit charge for its writable part. On processors other than x86-64, i386 and
//!   aarch64, all trampolines are direct.
//! * FreeBSD and OpenBSD cannot duplicate a mapping, so the crate opens the program's file again for each region.
//!   [`reserve`](Trampoline::reserve) trampolines before `cap_enter`, `pledge`, `unveil` or `chroot`. OpenBSD kills a program
//!   that needs another region and has not pledged `rpath` and `prot_exec`.
//! * On Linux the first mapped trampoline reads `/proc/self/maps` and opens the program's file. If that fails, it tries the
//!   next [`Source`]. Later trampolines open nothing, but on x86-64 every 254 more that are live take an `mremap(2)`. For
//!   sandboxes there are [`set_sources`] and [`Trampoline::reserve`]; [`security`] says what is guaranteed.
//! * Unloading (`dlclose`) a library that contains this crate leaves its mappings behind, and its trampolines dangle. See
//!   [plugins](guide::plugins).
//! * A callback with variable arguments ([`VaArgs`]) has only mapped trampolines. The arguments in front of the `...` are
//!   integers, floating-point numbers and pointers.
//! * A callback whose types are known only at run time ([`dynamic`]) has only mapped trampolines, and no struct by value.

#![cfg_attr(not(feature = "std"), no_std)]
// docs.rs has a nightly compiler, which says of each item which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(loom, allow(dead_code, unreachable_pub, reason = "a model is of the pool alone"))]

#[cfg(all(feature = "capi", any(windows, target_vendor = "apple")))]
compile_error!("the C library's thunks are for ELF");

#[cfg(not(target_has_atomic = "ptr"))]
compile_error!(
    "tramp-rt claims slots by compare-and-swap, which this target does not have; choose one that has atomics, such as \
     thumbv7m instead of thumbv6m, or riscv32imac instead of riscv32imc"
);

extern crate alloc;

mod error;
mod misuse;
#[cfg(feature = "mapped")]
mod pool;
#[cfg(all(feature = "std", not(loom)))]
mod report;
mod slot;
mod source;
mod sync;
#[cfg(not(loom))]
mod thread;

#[cfg(all(test, feature = "std", not(loom)))]
mod alone;
#[cfg(not(loom))]
mod arch;
#[cfg(not(loom))]
mod claim;
#[cfg(not(loom))]
mod closure;
#[cfg(all(feature = "std", not(loom)))]
mod diagnostics;
#[cfg(not(loom))]
mod entry;
#[cfg(not(loom))]
#[doc(alias = "tutorial")]
#[doc(alias = "examples")]
pub mod guide;
#[cfg(all(feature = "mapped", not(loom)))]
mod map;
#[cfg(not(loom))]
#[doc(alias = "sandbox")]
#[doc(alias = "seccomp")]
#[doc(alias = "SELinux")]
#[doc(alias = "hardening")]
pub mod security;
#[cfg(not(loom))]
mod signature;
#[cfg(all(feature = "mapped", not(loom)))]
mod table;
#[cfg(not(loom))]
mod trampoline;

// rustdoc takes no alias from an item in a private module or in another crate. So the aliases are at what reexports them;
// `ci/search` looks for them.
#[cfg(not(loom))]
#[doc(alias = "callback")]
#[doc(alias = "closure")]
#[doc(alias = "function pointer")]
#[doc(alias = "user data")]
#[doc(alias = "scope")]
#[doc(alias = "on_panic")]
#[doc(alias = "restore")]
pub use tramp_macros::trampoline;

#[cfg(all(feature = "std", not(loom)))]
pub use diagnostics::{Diagnostics, diagnostics};
pub use error::{CreateError, Error, Unsupported};
#[cfg(all(feature = "std", not(loom)))]
pub use report::{Feature, Slots};
#[cfg(all(feature = "mapped", not(loom)))]
pub use signature::va_args::VaArg;
#[cfg(all(feature = "mapped", not(loom)))]
#[doc(alias = "...")]
#[doc(alias = "va_list")]
#[doc(alias = "va_start")]
#[doc(alias = "variadic")]
#[doc(alias = "varargs")]
#[doc(alias = "printf")]
pub use signature::va_args::VaArgs;
pub use source::Source;
#[cfg(feature = "std")]
pub use source::{Attempt, Failure};
#[cfg(not(loom))]
pub use {
    closure::threads::{AnyThread, ThisThread, Threads},
    source::SourcesInUse,
};

#[cfg(not(loom))]
#[doc(alias = "function pointer")]
#[doc(alias = "C function pointer")]
#[doc(alias = "callback type")]
#[doc(alias = "typedef")]
pub use signature::Signature;
#[cfg(not(loom))]
#[doc(alias = "user data")]
#[doc(alias = "userdata")]
#[doc(alias = "void pointer")]
#[doc(alias = "context")]
pub use signature::UserData;
#[cfg(not(loom))]
#[doc(alias = "sandbox")]
#[doc(alias = "seccomp")]
pub use source::set_sources;
#[cfg(not(loom))]
#[doc(alias = "callback")]
#[doc(alias = "closure")]
#[doc(alias = "function pointer")]
#[doc(alias = "C function pointer")]
#[doc(alias = "thunk")]
pub use trampoline::Trampoline;
#[cfg(not(loom))]
#[doc(alias = "borrow")]
#[doc(alias = "turbofish")]
pub use trampoline::inferred::{lend, lend_mut};
#[cfg(not(loom))]
#[doc(alias = "signal handler")]
#[doc(alias = "error handler")]
#[doc(alias = "previous handler")]
#[doc(alias = "restore")]
pub use trampoline::installed::Installed;
#[cfg(not(loom))]
#[doc(alias = "signal handler")]
#[doc(alias = "error handler")]
pub use trampoline::installed::while_installed;
#[cfg(not(loom))]
#[doc(alias = "vtable")]
#[doc(alias = "ops table")]
#[doc(alias = "struct of callbacks")]
pub use trampoline::ops::Ops;
#[cfg(not(loom))]
#[doc(alias = "borrow")]
#[doc(alias = "several closures")]
pub use trampoline::scope::{Scope, scope};

/// Callbacks whose types are known only at run time, as in a language binding or a plugin host.
///
/// A [`Prototype`](dynamic::Prototype) is the list of a C function's types, made at run time. It turns a closure of
/// [`Arguments`](dynamic::Arguments) into one that every constructor of [`Trampoline`] takes, with the signature
/// [`Dynamic`](dynamic::Dynamic):
///
/// ```
/// use tramp_rt::Trampoline;
/// use tramp_rt::dynamic::{Dynamic, Prototype, Type, Value};
///
/// # #[cfg(any(target_os = "linux", windows))] {
/// let prototype = Prototype::new(&[Type::I64, Type::F32, Type::Pointer], Type::Bool)?;
/// let log = Trampoline::<Dynamic>::new_mut(prototype.closure_mut({
///     let mut calls = 0;
///     move |args| {
///         calls += 1;
///         for value in args.iter() {
///             match value {
///                 Value::I64(number) => println!("{number}"),
///                 other => println!("{other:?}"),
///             }
///         }
///         calls < 10
///     }
/// }))?;
/// let pointer = log.as_fn(); // C gets it, cast to the type that it expects
/// # let _ = pointer;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A call does not interpret the types, because the prototype computes the places of the arguments once. On x86-64 a call takes 0.25
/// to 0.29 of the time of a call of a libffi closure (`ci/bench dynamic`).
///
/// # Limits
///
/// * Types are integers of 8 to 64 bits, `float`, `double`, `_Bool` and pointers. For a struct by value,
///   [`Prototype::new`](dynamic::Prototype::new) returns an error. `long double`, `__int128`, complex numbers and vectors have
///   no [`Type`](dynamic::Type).
/// * The convention is C's, without `...`. For callbacks with `...` see [`VaArgs`].
/// * A panic aborts the process, as under every `extern "C"`.
/// * A late call of a [`counted`](Trampoline::counted) callback is not recognised if its slot has got a closure of the same Rust
///   type by then, which may have another prototype.
/// * On powerpc64le, a signalling NaN in a `float` may become a quiet one.
/// * If the types are known when the program is compiled, use them as the signature: calls are faster, and the compiler checks
///   the closure.
///
/// # Platforms
///
/// They work wherever there are [mapped](crate#platforms) trampolines, and have no direct ones. Elsewhere creating one is
/// [`Error::Unsupported`].
#[cfg(all(feature = "mapped", not(loom)))]
#[doc(alias = "libffi")]
#[doc(alias = "run time")]
#[doc(alias = "ffi_cif")]
#[doc(alias = "ffi_closure")]
pub mod dynamic {
    pub use crate::entry::dynamic::Dynamic;
    pub use crate::signature::dynamic::{Arguments, Closure, Prototype, PrototypeError, Scalar, Type, Value};
}

/// What expansions of `#[trampoline]` name. Not for use by hand: it changes without notice.
#[cfg(not(loom))]
#[doc(hidden)]
pub mod __private {
    pub use core::marker::PhantomData;
    pub use core::mem::{ManuallyDrop, MaybeUninit, transmute};
    pub use core::ops::{Fn, FnMut, FnOnce};
    pub use core::option::Option::None;
    pub use core::primitive::usize;
    pub use core::ptr::null;

    #[cfg(feature = "mapped")]
    pub use crate::__marshaled as marshaled;
    pub use crate::claim::call::MappedCall;
    pub use crate::claim::data::DataCall;
    pub use crate::claim::direct::enter_direct;
    pub use crate::closure::access::{Access, Exclusive, Once, Shared};
    pub use crate::closure::callee::Callee;
    pub use crate::closure::lease::{Lease, Lent, Notified};
    pub use crate::closure::threads::{AnyThread, Permits, ThisThread, Threads, assert_this_thread_is_checked};
    pub use crate::entry::destroy::{Destroy, destroy};
    pub use crate::signature::panic::{
        Caught, Hook as PanicHook, PendingPanic, Uncaught, abort_on_panic, contain, no_hook,
    };
    pub use crate::signature::probe::{ArgumentLayout, Probe, report};
    #[cfg(feature = "mapped")]
    pub use crate::signature::va_args::{NamedArgument, Returned, VariadicCall, can_be_returned};
    pub use crate::signature::{
        Accepts, AsUserData, Code, DIRECT_DEFAULT, DIRECT_MAX, Delivery, Never, Promise, Same, Signature, VERSION,
        WithData,
    };
    pub use crate::trampoline::bind::{bind, bind_once};
    pub use crate::trampoline::installed::{install, replaced};
    pub use crate::trampoline::kept::{Prepared, notified, notified_nullable, prepare, prepare_nullable, split};
    pub use crate::trampoline::lend::{lend, lend_nullable};
    pub use crate::trampoline::ops::{Binder, COUNTED, Field, Handle, LAST, SHARED, bind_ops, lend_ops};
    pub use crate::{
        __as_outside as as_outside, __contained as contained, __destroy as destroyer, __entry as entry,
        __signature as signature, __thunks as thunks, __variadic as variadic,
    };

    /// What a wrapper made by `#[trampoline]` does with a trampoline that could not be created.
    #[track_caller]
    #[doc(hidden)]
    pub fn created<T, F>(created: Result<T, crate::CreateError<F>>) -> T {
        match created {
            Ok(created) => created,
            Err(failed) => panic!("no trampoline could be created: {failed}"),
        }
    }

    /// What a `#[fallible]` wrapper does with a loan, whose body returns a result: either error is the wrapper's.
    #[doc(hidden)]
    pub fn lent<T, F>(lent: Result<Result<T, crate::Error>, crate::CreateError<F>>) -> Result<T, crate::Error> {
        lent.map_err(|failed| failed.error).and_then(|returned| returned)
    }

    /// What `Debug` shows of a type made by `#[trampoline]` around a function pointer.
    #[doc(hidden)]
    pub fn show_pointer(
        f: &mut core::fmt::Formatter<'_>,
        name: &str,
        pointer: &dyn core::fmt::Debug,
    ) -> core::fmt::Result {
        f.debug_tuple(name).field(pointer).finish()
    }
}

/// What the C library in `tramp-c` is made of. Not for use by hand: it changes without notice.
#[cfg(all(feature = "capi", not(loom)))]
#[doc(hidden)]
pub mod __c {
    pub use crate::table::c::{Chain, Delivery, Live, is_available};

    /// Writes `what` to standard error, and that the man page explains it, and aborts.
    pub fn die(what: &str) -> ! {
        crate::misuse::die(what, crate::misuse::MAN_PAGE)
    }
}

/// The example of the README, run by `cargo test`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// What the edition of the user's crate decides about an `extern` block.
///
/// Before 2024 a block need not be `unsafe`:
///
/// ```edition2021
/// #[tramp_rt::trampoline]
/// extern "C" {
///     fn bsearch(
///         key: *const u8,
///         base: *const u8,
///         count: usize,
///         size: usize,
///         compare: impl Fn(*const u8, *const u8) -> i32,
///     ) -> *const u8;
/// }
///
/// let compare = |key: *const u8, at: *const u8| unsafe { i32::from(*key) - i32::from(*at) };
/// let found = unsafe { bsearch(&7, [5, 7].as_ptr(), 2, 1, compare) };
/// assert_eq!(unsafe { *found }, 7);
/// ```
///
/// But then all its functions are unsafe to call:
///
/// ```edition2021,compile_fail
/// #[tramp_rt::trampoline]
/// extern "C" {
///     safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
/// }
/// ```
///
/// ```edition2021
/// #[tramp_rt::trampoline]
/// unsafe extern "C" {
///     safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> i32;
/// }
/// ```
#[cfg(doctest)]
mod editions {}
