//! What a processor executes between C and a handler: all thunks of this program, and the routines behind the stack's.
//! LLVM disassembles them, and the test compares the text with `disassembly/PROCESSOR.txt`.
//!
//! `TRAMP_OBJDUMP` names the `llvm-objdump`, and `BLESS=1` writes the file anew. `ci/cross` has an `llvm-objdump`, and
//! passes `BLESS` on. `TRAMP_LINKED` names programs for other systems. `ci/systems` builds them. They have another
//! object format, and the same code.

use std::env;
use std::path::{Path, PathBuf};

use tramp_test_support::{disassembly, occupy_direct_slots};

/// The most instructions on processors with an address relative to the program counter, including the landing pad.
const INSTRUCTIONS: usize = 4;

const SYMBOLS: &[&str] = &["tables", "stack", "stack_r6", "spill", "dynamic"];

fn golden(processor: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/disassembly/{processor}.txt"))
}

#[test]
fn thunks_and_routines() {
    drop(occupy_direct_slots()); // links the tables
    let program = env::current_exe().expect("the program's own path");
    disassembly::compare(&program, SYMBOLS, INSTRUCTIONS, 1, &golden(env::consts::ARCH));
}

/// `TRAMP_LINKED` is a list of `SYSTEM:PROCESSOR:PATH`, with spaces in between.
#[test]
fn programs_of_other_systems() {
    let Ok(programs) = env::var("TRAMP_LINKED") else {
        println!("programs_of_other_systems: skipped, TRAMP_LINKED names no program");
        return;
    };
    for program in programs.split_whitespace() {
        let mut parts = program.splitn(3, ':');
        let (Some(system), Some(processor), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            panic!("not a system, a processor and a path: {program}");
        };
        println!("{system} on {processor}: {path}");
        // Where pages have 16 KiB, tables have as well.
        let times = if let ("apple" | "android", "x86_64") = (system, processor) { 4 } else { 1 };
        if system == "windows" {
            disassembly::compare(Path::new(path), SYMBOLS, INSTRUCTIONS, 1, &golden(&format!("windows_{processor}")));
            continue; // the listing shows that the tables begin a page; their image is mapped as a whole
        }
        disassembly::compare(Path::new(path), SYMBOLS, INSTRUCTIONS, times, &golden(processor));
        tables_lie_where_they_can_be_mapped(system, processor, Path::new(path));
    }
}

/// The tables begin at a page of the largest size, in memory and in the file. They lie in a section that suits the
/// system.
fn tables_lie_where_they_can_be_mapped(system: &str, processor: &str, path: &Path) {
    let sections = match system {
        "openbsd" => [".rodata"].as_slice(), // to be read where text cannot be
        "apple" => &["__TEXT,__tramp_rt", "__TEXT,__text"], // Zig's linker puts all code into one
        _ => &[".tramp_rt"],
    };
    let align = match (system, processor) {
        ("apple" | "android", _) => 16 << 10,
        (_, "aarch64") => 64 << 10,
        _ => 4 << 10,
    };
    let symbols = disassembly::objdump(&["--syms"], path).expect("a disassembler");
    let name = |line: &&str| line.split_whitespace().next_back().and_then(disassembly::plain_name) == Some("tables");
    let symbol = symbols.lines().find(name).expect("the tables");
    let is_in = symbol.split_whitespace().find(|word| word.starts_with(['.', '_'])).unwrap_or_default();
    assert!(sections.iter().any(|section| is_in.starts_with(section)), "in one of {sections:?}: {symbol}");
    let address = u64::from_str_radix(symbol.split(' ').next().unwrap_or_default(), 16).expect("an address");
    assert_eq!(address % align, 0, "aligned: {symbol}");

    // What is mapped is a piece of the file, so its bytes have to lie as they do in memory. Mach-O's segments always do.
    let headers = disassembly::objdump(&["--private-headers"], path).expect("a disassembler");
    if headers.contains("LOAD off") {
        let word = |line: &str, name: &str| {
            let value = line.split(name).nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a word");
            u64::from_str_radix(value.trim_start_matches("0x"), 16).expect("a number")
        };
        let segments: Vec<_> = headers.lines().collect();
        let holds = segments.windows(2).find(|lines| {
            let [first, second] = lines else { return false };
            let is_loaded = first.trim_start().starts_with("LOAD") && second.contains("filesz");
            is_loaded && {
                let (start, bytes) = (word(first, "vaddr "), word(second, "filesz "));
                (start..start + bytes).contains(&address)
            }
        });
        let [first, second] = holds.expect("a segment that is loaded") else { unreachable!("two lines") };
        let (start, offset) = (word(first, "vaddr "), word(first, "off "));
        assert_eq!((offset + (address - start)) % align, 0, "in the file as well: {first}");
        let flags = second.split("flags ").nth(1).unwrap_or_default();
        assert!(flags.starts_with('r') && !flags.contains('w'), "readable, and not writable: {second}");
        assert_eq!(flags.contains('x'), system != "openbsd", "{second}");
    }
}
