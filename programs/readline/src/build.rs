//! Bindings for readline, as bindgen writes them.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rustc-link-lib=readline");
    println!("cargo::rerun-if-changed=src/build.rs");
    let bindings = bindgen::builder()
        .header_contents("wrapper.h", "#include <stdio.h>\n#include <readline/readline.h>")
        .allowlist_function("readline|rl_completion_matches")
        .allowlist_var("rl_attempted_completion_function|rl_attempted_completion_over")
        .rust_edition(bindgen::RustEdition::Edition2024)
        .generate()
        .expect("libreadline-dev and libclang-dev");
    let folder = env::var_os("OUT_DIR").expect("of cargo");
    bindings.write_to_file(Path::new(&folder).join("bindings.rs")).expect("a writable folder");
}
