//! What build scripts have to know of the compiler.

use std::env;
use std::process::Command;

/// Whether it passes integers of 128 bits as C compilers do, as far as there are any. On x86-64, 1.85 wastes the argument
/// register that one of them on the stack leaves over; 1.95 does not.
pub(crate) fn i128_is_as_in_c() -> bool {
    env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|processor| processor != "x86_64") || minor() >= 95
}

/// The 85 of rustc 1.85.
fn minor() -> u32 {
    let rustc = env::var_os("RUSTC").expect("cargo sets RUSTC");
    let version = Command::new(rustc).arg("--version").output().expect("a compiler").stdout;
    let version = String::from_utf8(version).expect("UTF-8");
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).expect("a version such as `rustc 1.85.0`")
}
