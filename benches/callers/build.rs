//! Compiles the C side of the measured calls.

fn main() {
    println!("cargo::rerun-if-changed=callers/callers.c");
    // 64, because otherwise the body of one loop may straddle a fetch block and the body of another may not. Then the
    // harness would cause the difference.
    cc::Build::new().file("callers/callers.c").opt_level(2).flag_if_supported("-falign-loops=64").compile("callers");
}
