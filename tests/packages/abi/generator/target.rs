//! What the target has: the processor axis of the generator.
//!
//! A further processor is one more entry in [`Target::of_build`] and its guard, `c/guard_<processor>.S`.

use std::env;

use crate::rustc;

use super::Class;

pub(crate) struct Target {
    /// As the guard's file is named.
    pub(crate) processor: String,
    /// The first is `"C"`.
    pub(crate) conventions: &'static [Convention],
    pub(crate) vectors: &'static [Vector],
    /// Whether there are integers of 128 bits, passed as in C.
    pub(crate) wide: bool,
    /// Types that some compilers pass otherwise than the others.
    pub(crate) left_out: &'static [(Callers, Class)],
}

/// Whose code does not call signatures with some type.
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
    /// How many words it passes in registers where C passes none. Signatures begin with as many.
    pub(crate) register_words: usize,
    /// Whether the callee takes all arguments off the stack.
    pub(crate) takes_arguments_off: bool,
    /// As in [`Target`].
    pub(crate) left_out: &'static [(Callers, Class)],
}

/// A type of `core::arch`, by the name of the C vector that is passed like it.
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
        // Passed in registers by rustc, by reference by the C compilers.
        (Callers::All, Class::Vector),
        // The C compilers' extension to the convention, each in its own way.
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
/// GCC aligns no stack to more than 16 there.
const WINDOWS_SYSV64: Convention = Convention { left_out: &[(Callers::Gcc, Class::AlignedAbove(16))], ..SYSV64 };
const EFIAPI: Convention = Convention {
    rust: "efiapi",
    left_out: &[
        // Rustc, 1.95 at least, passes them as System V does unless the target is Windows or UEFI.
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
    // How much of the stack they take, which the guard has to know, depends on how many there are.
    left_out: &[(Callers::All, Class::Vector)],
    ..C
};
const FASTCALL: Convention = Convention {
    rust: "fastcall",
    c: "__attribute__((fastcall))",
    register_words: 2,
    // GCC passes a returned struct's address in a register, the others on the stack.
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
            // GCC aligns such structs on the stack, the others only vectors on their own.
            "x86" => Self {
                conventions: &[C, C_UNWIND, STDCALL, SYSTEM, FASTCALL, CDECL, THISCALL],
                vectors: &SSE_32,
                left_out: &[(Callers::Gcc, Class::VectorWithin)],
                ..c
            },
            // Copies of arguments that are passed by reference: GCC, 16 at least, aligns them no better than the stack.
            "aarch64" => Self { vectors: &NEON, left_out: &[(Callers::Gcc, Class::AlignedAbove(16))], ..c },
            // AAPCS32 (rule B.5) goes by the alignment without the attribute; rustc, 1.97 at least, by the one with it.
            "arm" => {
                Self { conventions: &[C, C_UNWIND, SYSTEM, AAPCS], left_out: &[(Callers::All, Class::Aligned)], ..c }
            }
            // A struct of a float and an integer is passed in a register of each kind. To rustc, 1.97 at least, a pointer
            // is an integer here, to the C compilers it is not. GCC is as on aarch64.
            "riscv64" | "loongarch64" => Self {
                left_out: &[(Callers::All, Class::FloatBesidePointer), (Callers::Gcc, Class::AlignedAbove(16))],
                ..c
            },
            // A struct of one float is passed as the float, ELF ABI §1.2.5. To rustc, 1.97 at least, unions are such
            // structs, and arrays of one. GCC is as on aarch64.
            "s390x" => {
                Self { left_out: &[(Callers::All, Class::FloatWithin), (Callers::Gcc, Class::AlignedAbove(8))], ..c }
            }
            _ => c,
        }
    }
}
