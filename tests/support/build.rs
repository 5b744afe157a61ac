//! Compiles the C side of the tests.

fn main() {
    println!("cargo::rerun-if-changed=../c");
    let mut c = cc::Build::new();
    c.files(["../c/calls.c", "../c/unwind.c"])
        .flag("-fexceptions") // panics pass through some of it
        .flag_if_supported("-Wno-psabi"); // GCC's notes on over-aligned arguments
    if std::env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.split(',').any(|name| name == "avx")) {
        c.flag("-mavx");
    }
    c.compile("tramp_tests");
    println!("cargo::rustc-env=TRAMP_RUSTC={}", rustc_minor());
}

/// The 85 of rustc 1.85.
fn rustc_minor() -> u32 {
    let rustc = std::env::var_os("RUSTC").expect("cargo sets RUSTC");
    let version = std::process::Command::new(rustc).arg("--version").output().expect("a compiler").stdout;
    let version = String::from_utf8(version).expect("UTF-8");
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).expect("a version such as `rustc 1.85.0`")
}
