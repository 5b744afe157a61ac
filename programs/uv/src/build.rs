//! libuv's bindings, as bindgen writes them, and beside them the same functions with closures.

use std::env;
use std::fs::write;
use std::path::Path;

use wrappers::{Closure, LENT, ONCE, ONCE_ANYWHERE, OWNED, wrappers};

mod wrappers;

/// What libuv's manual says of its callbacks.
fn how(function: &str, callback: &str) -> Option<Closure> {
    let data = Some(("arg", "arg"));
    Some(match (function, callback) {
        // An allocator is four functions that have nothing to capture.
        ("uv_replace_allocator", _) => return None,
        ("uv_walk", _) => Closure { data, ..LENT },
        ("uv_once", _) => LENT,
        // A thread of libuv's pool calls the first, and a new thread the second.
        (_, "uv_work_cb") => ONCE_ANYWHERE,
        (_, "uv_thread_cb") => Closure { data, ..ONCE_ANYWHERE },
        // A handle calls until it is stopped or closed.
        ("uv_listen" | "uv_async_init", _) => OWNED,
        _ if function.ends_with("_start") => OWNED,
        // A request calls once. A handle that is closed calls once too.
        _ => ONCE,
    })
}

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rustc-link-lib=uv");
    let bindings = bindgen::builder()
        .header_contents("all.h", "#include <uv.h>")
        .allowlist_item("uv_.*|UV_.*")
        .rust_edition(bindgen::RustEdition::Edition2024)
        .derive_default(true)
        .layout_tests(false)
        .generate()
        .expect("a header that libclang can read")
        .to_string();
    let wrappers = wrappers(&syn::parse_str(&bindings).expect("Rust, as bindgen writes it"), how);
    let counts = format!(
        "pub const WRAPPED: &[&str] = &{:?};\npub const SKIPPED: &[(&str, &str)] = &{:?};\n",
        wrappers.wrapped, wrappers.skipped
    );
    let folder = env::var_os("OUT_DIR").expect("of cargo");
    for (name, text) in [("uv.rs", &bindings), ("closures.rs", &wrappers.code), ("counts.rs", &counts)] {
        write(Path::new(&folder).join(name), text).expect("a writable folder");
    }
}
