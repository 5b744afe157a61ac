//! Compiles the C side of the measured calls.

fn main() {
    println!("cargo::rerun-if-changed=callers/callers.c");
    // 64: a loop body that straddles a fetch block in one loop and not in the other is a difference of the harness.
    cc::Build::new().file("callers/callers.c").opt_level(2).flag_if_supported("-falign-loops=64").compile("callers");
}
