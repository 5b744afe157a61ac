//! What does not compile, and what the compiler says: `tests/ui/*/*.rs` and the `.stderr` beside each.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes them anew, with the compiler below.

// The compiler says the same on all, and it makes its own builds, the same ones whoever starts it.
#![cfg(all(debug_assertions, target_arch = "x86_64", target_env = "gnu", unix))]

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// Messages differ between compilers.
const COMPILER: &str = "rustc 1.95.";

/// rustc quotes the standard library where its source is installed, and elsewhere names its files alone. So what has to
/// be `Send` here is asked by functions of the inputs' own, not by std's.
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

/// The guide answers messages under the compiler's own words, where `…` stands for what differs.
#[test]
fn the_guide_quotes_messages() {
    let guide = fs::read_to_string("tramp-rt/src/guide/faq.rs").expect("a text");
    let (_, rest) = guide.split_once("//! # Messages of the compiler\n").expect("the section");
    let (section, _) = rest.split_once("//! # Messages of a program").expect("the section behind it");
    let headings: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("//! ## ")).collect();
    assert!(!headings.is_empty());
    let messages: String = stored().iter().map(|path| fs::read_to_string(path).expect("a text")).collect();
    let unquoted = |heading: &&str| !messages.lines().any(|line| is_quoted(heading, line));
    let unquoted: Vec<_> = headings.into_iter().filter(unquoted).collect();
    assert!(unquoted.is_empty(), "no message of tests/ui/*/*.stderr says: {unquoted:#?}");
}

/// Whether `heading` is in `line`, with anything in the place of each `…`.
fn is_quoted(heading: &str, line: &str) -> bool {
    heading.split('…').try_fold(line, |rest, part| Some(rest.split_once(part)?.1)).is_some()
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
