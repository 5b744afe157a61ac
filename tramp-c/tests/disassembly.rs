//! What a processor executes between C and a target: all thunks of the library's tables and the routines behind the stack's,
//! as LLVM reads them, against `disassembly/PROCESSOR.txt`. As for those of closures in `tests/disassembly.rs`.

#![cfg(all(unix, not(target_vendor = "apple")))] // see Cargo.toml

use std::env;
use std::path::Path;

use tramp_test_support::disassembly;

/// The longest are of the processors where an address has to be made twice, or by a call, and which have landing pads.
const INSTRUCTIONS: usize = if cfg!(target_arch = "x86") { 7 } else { 6 };

#[test]
fn thunks_and_routines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/disassembly/{}.txt", env::consts::ARCH));
    let program = env::current_exe().expect("the program's own path");
    let library = program.parent().expect("a folder").join("libtramp.so");
    disassembly::compare(&library, &["c_tables", "c_chain_tables", "c_stack", "c_stack_r6"], INSTRUCTIONS, 1, &path);
}
