//! What the target has. Only this part of the generator depends on the processor.
//!
//! Another processor needs an entry in [`Target::of_build`] and a guard, `c/guard_<processor>.S`.

use std::env;

use crate::rustc;

use super::Class;

pub(crate) struct Target {
    /// The processor, as in the name of the guard's file.
    pub(crate) processor: String,
    /// The conventions. The first is `"C"`.
    pub(crate) conventions: &'static [Convention],
    pub(crate) vectors: &'static [Vector],
    /// Whether there are integers of 128 bits, passed as in C.
    pub(crate) wide: bool,
    /// Types that some compilers pass in another way than the others.
    pub(crate) left_out: &'static [(Callers, Class)],
}

/// The compilers whose code does not call signatures with some type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callers {
    All,
    Gcc,
    /// See `i128.h`.
    OldClang,
}

pub(crate) struct Convention {
    /// Its name in Rust.
    pub(crate) rust: &'static str,
    /// Its attribute in C.
    pub(crate) c: &'static str,
    /// The entry of the guard that knows its registers.
    pub(crate) guard: &'static str,
    /// How many words it passes in registers when C passes none. Signatures begin with so many words.
    pub(crate) register_words: usize,
    /// Whether the callee takes all arguments off the stack.
    pub(crate) takes_arguments_off: bool,
    /// As in [`Target`].
    pub(crate) left_out: &'static [(Callers, Class)],
}

/// A type of `core::arch`, with the name of the C vector that is passed in the same way.
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    pub(crate) rust: &'static str,
    pub(crate) lanes: &'static str,
}

const C: Convention =
    Convention { rust: "C", c: "", guard: "abi_guard", register_words: 0, takes_arguments_off: false, left_out: &[] };
const C_UNWIND: Convention = Convention { rust: "C-unwind", ..C };
const SYSTEM: Convention = Convention { rust: "system", ..C };
const SYSV64: Convention = Convention { rust: "sysv64", c: "__attribute__((sysv_abi))", ..C };
const WIN64: Convention = Convention {
    rust: "win64",
    c: "__attribute__((ms_abi))",
    guard: "abi_guard_ms",
    left_out: &[
        // rustc passes them in registers, and the C compilers by reference.
        (Callers::All, Class::Vector),
        // Each C compiler extends the convention in its own way.
        (Callers::All, Class::Wide),
        // See aarch64.
        (Callers::Gcc, Class::AlignedAbove(16)),
    ],
    ..C
};
/// The convention that C has on Windows.
const WINDOWS_C: Convention = Convention { rust: "C", c: "", ..WIN64 };
const WINDOWS_C_UNWIND: Convention = Convention { rust: "C-unwind", ..WINDOWS_C };
const WINDOWS_SYSTEM: Convention = Convention { rust: "system", ..WINDOWS_C };
/// There, GCC aligns no stack to more than 16 bytes.
const WINDOWS_SYSV64: Convention = Convention { left_out: &[(Callers::Gcc, Class::AlignedAbove(16))], ..SYSV64 };
const EFIAPI: Convention = Convention {
    rust: "efiapi",
    left_out: &[
        // rustc (1.95, for example) passes them as System V does, except if the target is Windows or UEFI.
        (Callers::All, Class::Aggregate),
        (Callers::All, Class::Vector),
        (Callers::All, Class::Wide),
    ],
    ..WIN64
};
const CDECL: Convention = Convention { rust: "cdecl", ..C };
const STDCALL: Convention = Convention {
    rust: "stdcall",
    c: "__attribute__((stdcall))",
    takes_arguments_off: true,
    // The guard has to know how much of the stack they take. That depends on their number.
    left_out: &[(Callers::All, Class::Vector)],
    ..C
};
const FASTCALL: Convention = Convention {
    rust: "fastcall",
    c: "__attribute__((fastcall))",
    register_words: 2,
    // GCC passes the address of a returned struct in a register, and the others pass it on the stack.
    left_out: &[(Callers::All, Class::Aggregate), (Callers::All, Class::Vector)],
    ..STDCALL
};
const THISCALL: Convention =
    Convention { rust: "thiscall", c: "__attribute__((thiscall))", register_words: 1, ..FASTCALL };
const AAPCS: Convention = Convention { rust: "aapcs", c: "__attribute__((pcs(\"aapcs\")))", ..C };

const SSE: [Vector; 3] = [
    Vector { name: "f32x4", rust: "core::arch::x86_64::__m128", lanes: "[f32; 4]" },
    Vector { name: "f64x2", rust: "core::arch::x86_64::__m128d", lanes: "[f64; 2]" },
    Vector { name: "u64x2", rust: "core::arch::x86_64::__m128i", lanes: "[u64; 2]" },
];

const SSE_32: [Vector; 3] = [
    Vector { name: "f32x4", rust: "core::arch::x86::__m128", lanes: "[f32; 4]" },
    Vector { name: "f64x2", rust: "core::arch::x86::__m128d", lanes: "[f64; 2]" },
    Vector { name: "u64x2", rust: "core::arch::x86::__m128i", lanes: "[u64; 2]" },
];

const NEON: [Vector; 3] = [
    Vector { name: "f32x4", rust: "core::arch::aarch64::float32x4_t", lanes: "[f32; 4]" },
    Vector { name: "f64x2", rust: "core::arch::aarch64::float64x2_t", lanes: "[f64; 2]" },
    Vector { name: "u64x2", rust: "core::arch::aarch64::uint64x2_t", lanes: "[u64; 2]" },
];

impl Target {
    pub(crate) fn of_build() -> Self {
        let cfg = |name: &str| env::var(format!("CARGO_CFG_{name}")).unwrap_or_default();
        let c = Self {
            processor: cfg("TARGET_ARCH"),
            conventions: &[C, C_UNWIND, SYSTEM],
            vectors: &[],
            wide: cfg("TARGET_POINTER_WIDTH") == "64" && rustc::i128_is_as_in_c(),
            left_out: &[],
        };
        match c.processor.as_str() {
            "x86_64" if cfg("TARGET_OS") == "windows" => Self {
                conventions: &[WINDOWS_C, WINDOWS_C_UNWIND, WINDOWS_SYSV64, WINDOWS_SYSTEM, WIN64, WINDOWS_C, EFIAPI],
                vectors: &SSE,
                left_out: &[(Callers::OldClang, Class::Wide)],
                ..c
            },
            "x86_64" => Self {
                conventions: &[C, C_UNWIND, SYSV64, WIN64, SYSTEM, WIN64, EFIAPI],
                vectors: &SSE,
                left_out: &[(Callers::OldClang, Class::Wide)],
                ..c
            },
            // GCC aligns such structs on the stack. The others align only vectors that are no part of a struct.
            "x86" => Self {
                conventions: &[C, C_UNWIND, STDCALL, SYSTEM, FASTCALL, CDECL, THISCALL],
                vectors: &SSE_32,
                left_out: &[(Callers::Gcc, Class::VectorWithin)],
                ..c
            },
            // GCC (16, for example) aligns copies of arguments that are passed by reference no better than the stack.
            "aarch64" => Self { vectors: &NEON, left_out: &[(Callers::Gcc, Class::AlignedAbove(16))], ..c },
            // AAPCS32 (rule B.5) uses the alignment without the attribute. rustc (1.97, for example) uses the one with it.
            "arm" => {
                Self { conventions: &[C, C_UNWIND, SYSTEM, AAPCS], left_out: &[(Callers::All, Class::Aligned)], ..c }
            }
            // A struct of a float and an integer is passed in a register of each kind. Here, a pointer is an integer for
            // rustc (1.97, for example), and is not for the C compilers. GCC is as on aarch64.
            "riscv64" | "loongarch64" => Self {
                left_out: &[(Callers::All, Class::FloatBesidePointer), (Callers::Gcc, Class::AlignedAbove(16))],
                ..c
            },
            // A struct of one float is passed as the float: ELF ABI §1.2.5. For rustc (1.97, for example), unions and arrays
            // of one are such structs, too. GCC is as on aarch64.
            "s390x" => {
                Self { left_out: &[(Callers::All, Class::FloatWithin), (Callers::Gcc, Class::AlignedAbove(8))], ..c }
            }
            _ => c,
        }
    }
}
