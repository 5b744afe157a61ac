//! A program with two versions of this crate, as two dependencies may need them.

#![cfg(all(debug_assertions, not(miri)))] // it makes its own builds, which do not depend on this one

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

const PROGRAM: &str = r#"
type OnStack = unsafe extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64) -> u64;

macro_rules! calls {
    ($version:ident) => {{
        let live: Vec<_> = (0..50).map(|n| $version::Trampoline::<OnStack>::new(move |_, _, _, _, _, _, _, _, i| n + i)).collect();
        for (n, trampoline) in (0..).zip(&live) {
            let pointer = trampoline.as_ref().expect("a slot").as_fn();
            assert_eq!(unsafe { std::hint::black_box(pointer)(0, 0, 0, 0, 0, 0, 0, 0, 7) }, n + 7);
        }
        let regions = $version::diagnostics().regions;
        assert!(regions > 0, "mapped ones are among them");
    }};
}

fn main() {
    calls!(this);
    calls!(other);
}
"#;

/// Copies the sources of a package, and changes its version.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[test]
fn two_versions_are_linked_into_one_program() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("versions");
    let _ = fs::remove_dir_all(folder.join("other"));

    let workspace = fs::read_to_string(here.join("Cargo.toml")).expect("this workspace");
    let shared = workspace.find("[workspace.package]").expect("what packages share");
    let other = format!(
        "[workspace]\nmembers = [\"tramp-rt\", \"tramp-macros\"]\nresolver = \"3\"\n\n{}",
        &workspace[shared..]
    );
    for package in ["tramp-rt", "tramp-macros"] {
        copy(&here.join(package), &folder.join("other").join(package)).expect("a copy");
    }
    fs::write(folder.join("other/Cargo.toml"), other.replace(env!("CARGO_PKG_VERSION"), "9.8.7")).expect("a workspace");

    let manifest = format!(
        "[workspace]\n[package]\nname = \"versions\"\nedition = \"2024\"\n[dependencies]\n\
         this = {{ package = \"tramp-rt\", path = \"{}\" }}\n\
         other = {{ package = \"tramp-rt\", path = \"../other/tramp-rt\" }}\n",
        here.join("tramp-rt").display()
    );
    let program = folder.join("program");
    fs::create_dir_all(program.join("src")).expect("a folder");
    fs::write(program.join("Cargo.toml"), manifest).expect("a package");
    fs::write(program.join("src/main.rs"), PROGRAM).expect("a program");
    fs::copy(here.join("Cargo.lock"), program.join("Cargo.lock")).expect("the versions that are tested");

    // The assembly of both is one file then.
    for lto in ["off", "fat"] {
        let run = Command::new(env::var_os("CARGO").expect("set by cargo"))
            .args(["run", "--quiet", "--manifest-path"])
            .arg(program.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("CARGO_PROFILE_DEV_LTO", lto)
            .output()
            .expect("cargo runs");
        assert!(run.status.success(), "lto = {lto}: {}", String::from_utf8_lossy(&run.stderr));
    }
}
