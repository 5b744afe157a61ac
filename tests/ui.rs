//! What does not compile, and what the compiler says: `tests/ui/*.rs` and the `.stderr` beside each.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes them anew, with the compiler below.

#![cfg(all(target_arch = "x86_64", target_env = "gnu", unix))] // the compiler says the same on all

use std::env;
use std::process::Command;

/// Messages differ between compilers.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn messages() {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler).arg("--version").output().expect("a compiler");
    let version = String::from_utf8_lossy(&version.stdout);
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
    } else {
        eprintln!("not compared: the messages are those of {COMPILER}x, this is {version}");
    }
}
