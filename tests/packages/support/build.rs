//! Compiles the C side of the tests.

mod rustc;

fn main() {
    println!("cargo::rerun-if-changed=../../c");
    let mut c = cc::Build::new();
    c.files(["../../c/callbacks.c", "../../c/calls.c", "../../c/ops.c", "../../c/scopes.c", "../../c/unwind.c"])
        .flag("-fexceptions") // panics pass through some of it
        .flag_if_supported("-Wno-psabi"); // GCC's notes on over-aligned arguments
    if std::env::var_os("CARGO_CFG_UNIX").is_some() {
        c.file("../../c/jumps.c"); // a jump over Rust's frames is for these systems alone
    }
    if std::env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.split(',').any(|name| name == "avx")) {
        c.flag("-mavx");
    }
    c.compile("tramp_tests");
    println!("cargo::rustc-env=TRAMP_I128_IS_AS_IN_C={}", rustc::i128_is_as_in_c());
}
