//! Direct slots tell their owners apart, whatever the compiler and the linker do to equal functions: several crates
//! have copies of them, and tools merge or fold them.

#![cfg(debug_assertions)] // it makes its own builds, which do not depend on this one

use std::path::Path;
use std::process::Command;

/// Builds `tests/packages/folding`, and runs it as it should be used and as it should not. Returns `false` if the
/// linker does not know the flags.
fn holds(profile: &str, link_args: &[&str]) -> bool {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folding");
    let cargo = std::env::var_os("CARGO").expect("set by cargo");
    let build = Command::new(cargo)
        .args(["rustc", "--quiet", "--manifest-path", "tests/packages/folding/Cargo.toml", "--profile", profile, "--"])
        .args(link_args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo runs");
    if !build.status.success() {
        let why = String::from_utf8_lossy(&build.stderr);
        assert!(why.contains("icf"), "{why}");
        return false;
    }
    let program = target.join(if profile == "dev" { "debug" } else { profile }).join("folding");
    let run = Command::new(&program).output().expect("it starts");
    assert!(run.status.success(), "{profile}: {}", String::from_utf8_lossy(&run.stderr));

    let misuse = Command::new(&program).arg("late").output().expect("it starts");
    let died_of = String::from_utf8_lossy(&misuse.stderr);
    assert!(!misuse.status.success() && died_of.contains("after its trampoline was dropped"), "{profile}: {died_of}");
    true
}

#[test]
fn whatever_compiler_and_linker_do_to_equal_functions() {
    assert!(holds("dev", &[]));
    assert!(holds("release", &[]));
    if !holds("release", &["-Clink-arg=-Wl,--icf=all"]) {
        eprintln!("skipped: this linker does not fold identical code");
    }
    assert!(holds("fat", &[]));
}
