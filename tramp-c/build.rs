//! What the shared library is linked with.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=TRAMP_C_TARGET={}", std::env::var("TARGET").expect("cargo sets TARGET"));
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("FAMILY") != "unix" || target("VENDOR") == "apple" {
        return; // the library is empty
    }
    // The number is that of the binary interface. It changes when a program has to be compiled anew.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libtramp.so.0");
    // Threads have caches here that end with them, and trampolines outlive every `dlclose`.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
