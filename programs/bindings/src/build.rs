//! Bindings for records.h, as bindgen writes them, and the library itself.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=src");
    cc::Build::new().file("src/records.c").compile("records");
    let bindings = bindgen::builder()
        .header("src/records.h")
        .allowlist_item("records?_.*")
        .rust_edition(bindgen::RustEdition::Edition2024)
        .generate()
        .expect("a header that libclang can read");
    let folder = env::var_os("OUT_DIR").expect("of cargo");
    bindings.write_to_file(Path::new(&folder).join("records.rs")).expect("a writable folder");
}
