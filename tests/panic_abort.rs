//! In a program with `panic = "abort"`, a panic in a callback aborts, whatever its signature declares.

#![cfg(debug_assertions)] // it makes its own build, which does not depend on this one

use std::path::Path;
use std::process::Command;

#[test]
fn every_panic_aborts() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("panic_abort");
    let cargo = std::env::var_os("CARGO").expect("set by cargo");
    let build = Command::new(cargo)
        .args(["build", "--quiet", "--manifest-path", "tests/packages/panic_abort/Cargo.toml"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo runs");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));

    let run = |case: &str| {
        let output = Command::new(target.join("debug/panic_abort")).arg(case).output().expect("it starts");
        (output.status, String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (status, said) = run("none");
    assert!(status.success() && said == "the end\n", "{said}");
    for case in ["lent", "kept", "aborting", "unwinding", "ops"] {
        let (status, said) = run(case);
        assert!(tramp_test_support::has_aborted(status), "{case}: {status:?}: {said}");
        assert!(said.contains("the words of the panic"), "{case}: {said}");
        assert!(!said.contains("a hook was called") && !said.contains("the end"), "{case}: {said}");
    }
}
