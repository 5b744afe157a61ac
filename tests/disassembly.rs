//! What a processor executes between C and a handler: all thunks of this very program and the routines behind the stack's,
//! as LLVM reads them, against `disassembly/PROCESSOR.txt`.
//!
//! `TRAMP_OBJDUMP` names the `llvm-objdump`, and `BLESS=1` writes the file anew. `ci/cross` has the one, and passes the
//! other on.

use std::env;
use std::path::Path;

use tramp_test_support::{disassembly, occupy_direct_slots};

/// What processors with an address relative to the program counter need at most, landing pad and all.
const INSTRUCTIONS: usize = 4;

#[test]
fn thunks_and_routines() {
    drop(occupy_direct_slots()); // links the tables
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/disassembly/{}.txt", env::consts::ARCH));
    let program = env::current_exe().expect("the program's own path");
    disassembly::compare(&program, "tramp_rt_v0_tables,tramp_rt_v0_stack,tramp_rt_v0_stack_r6", INSTRUCTIONS, &path);
}
