//! Compiles the C side of the tests.

mod compilers;
mod rustc;

fn main() {
    println!("cargo::rerun-if-changed=../../c");
    let mut c = cc::Build::new();
    c.files(["../../c/callbacks.c", "../../c/calls.c", "../../c/ops.c", "../../c/scopes.c", "../../c/unwind.c"])
        .flag("-fexceptions") // panics pass through some of it
        .flag_if_supported("-Wno-psabi"); // GCC's notes on over-aligned arguments
    if std::env::var_os("CARGO_CFG_UNIX").is_some() {
        c.file("../../c/jumps.c"); // on other systems, C must not jump over Rust's frames
    }
    if std::env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.split(',').any(|name| name == "avx")) {
        c.flag("-mavx");
    }
    c.compile("tramp_tests");
    compile_by_each("variadic");
    compile_by_each("dynamic");
    println!("cargo::rustc-env=TRAMP_I128_IS_AS_IN_C={}", rustc::i128_is_as_in_c());
}

/// The callers of one file, one object for each compiler. If there is only one compiler, it makes both.
fn compile_by_each(name: &str) {
    let mut first = cc::Build::new();
    first.file(format!("../../c/{name}.c")).flag("-fexceptions").flag_if_supported("-Wno-psabi");
    let mut second = first.clone();
    let other = if first.get_compiler().is_like_clang() { "gcc" } else { "clang" };
    // ci/sanitize passes flags that the other compiler may not know, and links the runtime of one compiler.
    let is_sanitized = std::env::vars().any(|(name, flags)| name.starts_with("CFLAGS") && flags.contains("-fsanitize"));
    match compilers::other_compiler(other) {
        Some(_) if is_sanitized => {}
        Some(compiler) => {
            second.compiler(compiler);
        }
        None => println!("cargo::warning=no {other} for this target: its code calls no {name} callbacks"),
    }
    let callers = format!("{}_CALLERS", name.to_uppercase());
    for (build, number) in [(&mut first, "first"), (&mut second, "second")] {
        build.define(&callers, format!("{name}_{number}").as_str()).compile(&format!("tramp_{name}_{number}"));
    }
}
