//! Makes random signatures, and writes callers of them in C and closures for them in Rust. It compiles the C side with each
//! compiler that it finds.
//!
//! `TRAMP_ABI_SEED`, `TRAMP_ABI_COUNT` and `TRAMP_ABI_DYNAMIC` choose other signatures, and more or fewer of them.

#[path = "../support/compilers.rs"]
mod compilers;
#[allow(clippy::cast_possible_truncation, reason = "what counts fields and parameters is small")]
mod generator;
#[path = "../support/rustc.rs"]
mod rustc;

use std::path::{Path, PathBuf};
use std::{env, fs};

use compilers::other_compiler;
use generator::{Program, Target};

const SEED: u64 = 1;
const COUNT: u64 = 320;
/// The number of signatures of scalars alone, for dynamic callbacks.
const DYNAMIC: u64 = 324;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=generator");
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rerun-if-changed=../../c/i128.h");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let target = Target::of_build();
    let program = Program::random(
        number("TRAMP_ABI_SEED", SEED),
        number("TRAMP_ABI_COUNT", COUNT),
        number("TRAMP_ABI_DYNAMIC", DYNAMIC),
        &target,
    );
    let callers = out.join("callers.c");
    fs::write(&callers, generator::c::callers(&program)).expect("OUT_DIR is writable");

    let guard = format!("c/guard_{}.S", target.processor);
    c_compiler().file(&guard).compile("abi_guard");

    let mut compilers = vec![compile_callers(c_compiler(), &callers)];
    let other = if compilers[0] == "gcc" { "clang" } else { "gcc" };
    match other_compiler(other) {
        Some(compiler) => {
            assert_eq!(compile_callers(c_compiler().compiler(compiler).to_owned(), &callers), other);
            compilers.push(other);
        }
        None => println!("cargo::warning=no {other} for this target: only {}'s code calls", compilers[0]),
    }
    fs::write(out.join("signatures.rs"), generator::rust::signatures(&program, &compilers))
        .expect("OUT_DIR is writable");
}

fn c_compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.include("c").include("../../c").warnings(false).flag_if_supported("-Wno-psabi"); // notes on over-aligned arguments
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|processor| processor == "x86") {
        build.flag("-msse2"); // Rust's i686 has SSE2, and cc's -march=i686 does not
    }
    build
}

/// Compiles the callers. Returns the family of the compiler, which their table is named after.
fn compile_callers(mut build: cc::Build, callers: &Path) -> &'static str {
    let family = if build.get_compiler().is_like_clang() { "clang" } else { "gcc" };
    // cc prints a compiler's warnings only if all are asked for.
    let macros = build.clone().flag("-dM").file("../../c/i128.h").expand();
    if String::from_utf8_lossy(&macros).contains("#define I128_IS_AS_ELSEWHERE 0") {
        println!("cargo::warning=this {family} is old: its code passes no integers of 128 bits, see tests/c/i128.h");
    }
    build.define("CALLERS", format!("abi_callers_{family}").as_str()).file(callers).compile(&format!("abi_{family}"));
    family
}

fn number(variable: &str, default: u64) -> u64 {
    println!("cargo::rerun-if-env-changed={variable}");
    match env::var(variable) {
        Err(_) => default,
        Ok(digits) => {
            let number = digits.strip_prefix("0x").map_or_else(|| digits.parse(), |hex| u64::from_str_radix(hex, 16));
            number.unwrap_or_else(|error| panic!("{variable}={digits}: {error}"))
        }
    }
}
