//! Code that does not compile, and what the compiler says: `tests/ui/*/*.rs`, with the `.stderr` beside each.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes them anew, with the compiler named below.

// The compiler says the same on all targets, and this test makes its own builds, which do not depend on this one.
#![cfg(all(debug_assertions, target_arch = "x86_64", target_env = "gnu", unix))]

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// Messages differ between compilers.
const COMPILER: &str = "rustc 1.95.";

/// rustc quotes the standard library if its source is installed, and otherwise only names its files. So functions in
/// the inputs, and not in std, require `Send` here.
#[test]
fn messages_are_the_same_with_the_source_of_the_standard_library() {
    let messages = stored();
    assert!(!messages.is_empty());
    for path in messages {
        assert!(!fs::read_to_string(&path).expect("a text").contains("$RUST"), "{}", path.display());
    }
}

#[test]
fn messages() {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler).arg("--version").output().expect("a compiler");
    let version = String::from_utf8_lossy(&version.stdout);
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/ui/**/*.rs");
    } else {
        eprintln!("not compared: the messages are those of {COMPILER}x, this is {version}");
    }
}

/// The files of messages.
fn stored() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("tests/ui")];
    let mut messages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "stderr") {
                messages.push(path);
            }
        }
    }
    messages
}
