//! Builds the other forms of this program, which are programs and a library.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The directory of the other programs and the library. It builds them if they are missing.
pub fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        // glibc has static libraries as well. Only position independence needs a flag.
        build("hosts-static", &["-Ctarget-feature=+crt-static", "-Crelocation-model=static"]);
        build("hosts-static-pie", &["-Ctarget-feature=+crt-static", "-Crelocation-model=pie"]);
        build("hosts-library", &[])
    })
}

/// Returns the directory of what was built.
fn build(package: &str, flags: &[&str]) -> PathBuf {
    let this = env::current_exe().expect("this program's path");
    // They have another target directory, because cargo may hold the lock of the usual one.
    let target = this.parent().expect("a directory").join("hosts-programs");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    command.args(["--package", package]).env("CARGO_TARGET_DIR", &target);
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    if profile == "release" {
        command.arg("--release");
    }
    if cfg!(feature = "peers") {
        command.args(["--features", "peers"]);
    }
    let status = command.arg("--").args(flags).status().expect("cargo runs");
    assert!(status.success(), "{package} cannot be built");
    target.join(profile)
}
