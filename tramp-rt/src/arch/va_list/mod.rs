//! Where a variadic function finds its arguments.
//!
//! No function of stable Rust takes `...`. So what C calls is a thunk of the stack's table that leads to the *spill
//! routine*, which stores the argument registers and calls the handler with two addresses: that of the [`Spilled`] registers
//! and that of the first argument on the stack. Two [cursors](Cursor) find them there, in this order:
//!
//! ```text
//!   C calls   message(context, format, 1, 2.0)
//!             └──────┬───────┘ └──┬──┘
//!                  Named        VaList       both with the psABI's rules, which differ: C promotes nothing of the named
//!                                            arguments, and some conventions pass them in registers of another kind
//! ```
//!
//! [`VaList`] is C's own `va_list`, bit for bit, so that C's `v…` functions read on where Rust stopped.
//!
//! Each of the files offers the same names: `Spilled`, `Named` and `VaList`. In some of them `Named` is the `VaList`, because the
//! rules are the same. Five share the pointer that is the `va_list` of most processors.

/// On Windows, only functions that are not variadic follow this convention. `dynamic` reads their arguments.
#[cfg(all(target_arch = "aarch64", windows))]
#[allow(dead_code, unused_imports, reason = "no `va_list` of this system")]
pub(crate) mod aarch64;
#[cfg_attr(all(target_arch = "x86_64", not(windows)), path = "sysv64.rs")]
#[cfg_attr(all(target_arch = "x86_64", windows), path = "win64.rs")]
#[cfg_attr(all(target_arch = "aarch64", not(any(target_vendor = "apple", windows))), path = "aarch64.rs")]
#[cfg_attr(all(target_arch = "aarch64", target_vendor = "apple"), path = "apple.rs")]
#[cfg_attr(any(target_arch = "riscv64", target_arch = "loongarch64"), path = "float_registers.rs")]
#[cfg_attr(target_arch = "powerpc64", path = "powerpc64.rs")]
#[cfg_attr(target_arch = "s390x", path = "s390x.rs")]
#[cfg_attr(
    not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", not(windows)),
        target_arch = "riscv64",
        target_arch = "loongarch64",
        target_arch = "powerpc64",
        target_arch = "s390x",
    )),
    path = "on_stack.rs"
)]
#[allow(dead_code, reason = "on some targets nothing is linked")]
mod convention;
mod cursor;
#[allow(dead_code, reason = "not the `va_list` of every convention")]
mod pointer;

#[allow(unused_imports, reason = "on some targets nothing is linked")]
pub(crate) use self::convention::Spilled;
pub(crate) use self::convention::{Named, VaList};
pub(crate) use self::cursor::{Argument, Cursor, Float, read, read_float};

/// What a handler returns for its closure's result: the result itself, or where a variadic function returns floating-point
/// numbers in integer registers, their bits.
///
/// AAPCS32 §6.4.1: "A variadic function is always marshaled as for the base standard", also under armhf.
#[cfg(target_arch = "arm")]
mod returned {
    pub(crate) type ReturnedFloat = u32;
    pub(crate) type ReturnedDouble = u64;

    pub(crate) fn float(value: f32) -> ReturnedFloat {
        value.to_bits()
    }
    pub(crate) fn double(value: f64) -> ReturnedDouble {
        value.to_bits()
    }

    /// What is written for the base standard, and for the others.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __marshaled {
        ([$($base:tt)*] [$($other:tt)*]) => { $($base)* };
    }
}
#[cfg(not(target_arch = "arm"))]
mod returned {
    pub(crate) type ReturnedFloat = f32;
    pub(crate) type ReturnedDouble = f64;

    pub(crate) fn float(value: f32) -> ReturnedFloat {
        value
    }
    pub(crate) fn double(value: f64) -> ReturnedDouble {
        value
    }

    /// What is written for the base standard, and for the others.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __marshaled {
        ([$($base:tt)*] [$($other:tt)*]) => { $($other)* };
    }
}
pub(crate) use self::returned::{ReturnedDouble, ReturnedFloat};
pub(crate) use self::returned::{double as returned_double, float as returned_float};
