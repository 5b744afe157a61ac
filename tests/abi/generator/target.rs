//! What the target has: the processor axis of the generator.
//!
//! A further processor is one more entry in [`Target::of_build`] and its guard, `c/guard_<processor>.S`.

use std::env;

pub(crate) struct Target {
    /// As the guard's file is named.
    pub(crate) processor: String,
    /// The first is `"C"`.
    pub(crate) conventions: &'static [Convention],
    pub(crate) vectors: &'static [Vector],
    /// Whether there are integers of 128 bits.
    pub(crate) wide: bool,
}

pub(crate) struct Convention {
    /// Its name in Rust.
    pub(crate) rust: &'static str,
    /// Its attribute in C.
    pub(crate) c: &'static str,
    /// The entry of the guard that knows its registers.
    pub(crate) guard: &'static str,
    pub(crate) aggregates: bool,
    pub(crate) vectors: bool,
    pub(crate) wide: bool,
}

/// A type of `core::arch`, by the name of the C vector that is passed like it.
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    pub(crate) rust: &'static str,
    pub(crate) lanes: &'static str,
}

const C: Convention = Convention { rust: "C", c: "", guard: "abi_guard", aggregates: true, vectors: true, wide: true };
const C_UNWIND: Convention = Convention { rust: "C-unwind", ..C };
const SYSTEM: Convention = Convention { rust: "system", ..C };
const SYSV64: Convention = Convention { rust: "sysv64", c: "__attribute__((sysv_abi))", ..C };
/// Without vectors, which rustc passes in registers and C compilers by reference, and without integers of 128 bits,
/// which are C compilers' extension to the convention, each in its own way.
const WIN64: Convention =
    Convention { rust: "win64", c: "__attribute__((ms_abi))", guard: "abi_guard_ms", vectors: false, wide: false, ..C };
/// Without structs: rustc, up to 1.95 at least, passes them as System V does unless the target is Windows or UEFI.
const EFIAPI: Convention = Convention { rust: "efiapi", aggregates: false, ..WIN64 };

const SSE: [Vector; 3] = [
    Vector { name: "f32x4", rust: "core::arch::x86_64::__m128", lanes: "[f32; 4]" },
    Vector { name: "f64x2", rust: "core::arch::x86_64::__m128d", lanes: "[f64; 2]" },
    Vector { name: "u64x2", rust: "core::arch::x86_64::__m128i", lanes: "[u64; 2]" },
];

impl Target {
    pub(crate) fn of_build() -> Self {
        let cfg = |name: &str| env::var(format!("CARGO_CFG_{name}")).unwrap_or_default();
        let processor = cfg("TARGET_ARCH");
        let wide = cfg("TARGET_POINTER_WIDTH") == "64";
        match processor.as_str() {
            "x86_64" => Self {
                conventions: &[C, C_UNWIND, SYSV64, WIN64, SYSTEM, WIN64, EFIAPI],
                vectors: &SSE,
                processor,
                wide,
            },
            _ => Self { conventions: &[C, C_UNWIND, SYSTEM], vectors: &[], processor, wide },
        }
    }
}
