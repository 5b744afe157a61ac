//! Makes signatures at random, writes callers of them in C and closures for them in Rust, and compiles the C side with
//! each compiler that is found.
//!
//! `TRAMP_ABI_SEED` and `TRAMP_ABI_COUNT` choose other signatures, and more or fewer of them.

#[allow(clippy::cast_possible_truncation, reason = "what counts fields and parameters is small")]
mod generator;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use generator::{Program, Target};

const SEED: u64 = 1;
const COUNT: u64 = 320;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=generator");
    println!("cargo::rerun-if-changed=c");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let target = Target::of_build();
    let program = Program::random(number("TRAMP_ABI_SEED", SEED), number("TRAMP_ABI_COUNT", COUNT), &target);
    let callers = out.join("callers.c");
    fs::write(&callers, generator::c::callers(&program)).expect("OUT_DIR is writable");

    let guard = format!("c/guard_{}.S", target.processor);
    c_compiler().file(&guard).compile("abi_guard");

    let mut compilers = vec![compile_callers(c_compiler(), &callers)];
    let other = if compilers[0] == "gcc" { "clang" } else { "gcc" };
    if answers(other) {
        compilers.push(compile_callers(c_compiler().compiler(other).to_owned(), &callers));
    }
    fs::write(out.join("signatures.rs"), generator::rust::signatures(&program, &compilers))
        .expect("OUT_DIR is writable");
}

fn c_compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.include("c").warnings(false).flag_if_supported("-Wno-psabi"); // notes on over-aligned arguments
    build
}

/// Compiles the callers and returns the family of the compiler, by which their table is named.
fn compile_callers(mut build: cc::Build, callers: &Path) -> &'static str {
    let family = if build.get_compiler().is_like_clang() { "clang" } else { "gcc" };
    build.define("CALLERS", format!("abi_callers_{family}").as_str()).file(callers).compile(&format!("abi_{family}"));
    family
}

/// Whether this compiler is there and makes code for the target.
fn answers(compiler: &str) -> bool {
    let cross = env::var("HOST") != env::var("TARGET");
    !(cross && compiler == "gcc")
        && Command::new(compiler).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
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
