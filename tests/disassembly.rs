//! What a processor executes between C and a handler: all thunks of this very program and the routines behind the stack's,
//! as LLVM reads them, against `disassembly/PROCESSOR.txt`.
//!
//! `TRAMP_OBJDUMP` names the `llvm-objdump`, and `BLESS=1` writes the file anew. `ci/cross` has the one, and passes the
//! other on. `TRAMP_LINKED` names programs or libraries of systems that are not this one, which `ci/systems` builds: their object format
//! is another, and the code has to be the same.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, iter};

use tramp_test_support::occupy_direct_slots;

/// The smallest distance of two thunks.
const THUNK_BYTES: u64 = if cfg!(target_arch = "x86") { 32 } else { 16 };

/// What processors with an address relative to the program counter need at most, landing pad and all.
const INSTRUCTIONS: usize = 4;

/// What assemblers fill gaps with.
const PADDING: [&str; 5] = ["int3", "nop", "udf", "unimp", "<unknown>"];

struct Instruction {
    address: u64,
    text: String,
}

#[test]
fn thunks_and_routines() {
    let Some(objdump) = objdump("thunks_and_routines") else { return };
    drop(occupy_direct_slots()); // links the tables

    let program = env::current_exe().expect("the program's own path");
    let listing = listing(&objdump, &program);
    let path = golden(env::consts::ARCH);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &listing).expect("a writable file");
    }
    compare(&listing, &path);
}

/// `TRAMP_LINKED` is a list of `SYSTEM:PROCESSOR:PATH`, with spaces between.
#[test]
fn programs_of_other_systems() {
    let Ok(programs) = env::var("TRAMP_LINKED") else {
        println!("programs_of_other_systems: skipped, TRAMP_LINKED names no program");
        return;
    };
    let objdump = objdump("programs_of_other_systems").expect("a disassembler");
    for program in programs.split_whitespace() {
        let mut parts = program.splitn(3, ':');
        let (Some(system), Some(processor), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            panic!("not a system, a processor and a path: {program}");
        };
        println!("{system} on {processor}: {path}");
        compare(&listing(&objdump, Path::new(path)), &golden(processor));
        tables_lie_where_they_can_be_mapped(&objdump, system, processor, path);
    }
}

/// The tables begin a page of the largest size, in memory and in the file, in a section that suits the system.
fn tables_lie_where_they_can_be_mapped(objdump: &OsStr, system: &str, processor: &str, path: &str) {
    let section = match system {
        "openbsd" => ".rodata", // to be read where text cannot be
        "apple" => "__TEXT,__tramp_rt",
        _ => ".tramp_rt",
    };
    let align = match (system, processor) {
        ("apple", _) | ("android", "x86_64") => 16 << 10,
        (_, "aarch64") => 64 << 10,
        _ => 4 << 10,
    };
    let symbols = output(objdump, &["--syms", path]);
    let symbol = symbols.lines().find(|line| line.trim_end().ends_with("tramp_rt_v0_tables")).expect("the tables");
    let is_in = symbol.split_whitespace().find(|word| word.starts_with(['.', '_'])).unwrap_or_default();
    assert!(is_in.starts_with(section), "in {section}: {symbol}");
    let address = u64::from_str_radix(symbol.split(' ').next().unwrap_or_default(), 16).expect("an address");
    assert_eq!(address % align, 0, "aligned: {symbol}");

    // What is mapped is a piece of the file, so its bytes have to lie as they do in memory. Mach-O's segments always do, and
    // what is not linked yet has none.
    let headers = output(objdump, &["--private-headers", path]);
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

fn objdump(test: &str) -> Option<OsString> {
    let objdump = env::var_os("TRAMP_OBJDUMP");
    if objdump.is_none() {
        println!("{test}: skipped, TRAMP_OBJDUMP names no disassembler");
    }
    objdump
}

fn output(objdump: &OsStr, arguments: &[&str]) -> String {
    // Of a library's members, all that lack a symbol are complained of.
    let dump = Command::new(objdump).args(arguments).stderr(Stdio::null()).output().expect("a disassembler");
    String::from_utf8(dump.stdout).expect("UTF-8")
}

fn golden(processor: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/disassembly/{processor}.txt"))
}

/// All there is of a program.
fn listing(objdump: &OsStr, program: &Path) -> String {
    // Mach-O's symbols begin with an underscore. All sections, since OpenBSD's tables are data.
    let names = ["tables", "stack", "stack_r6"].map(|name| format!("tramp_rt_v0_{name},_tramp_rt_v0_{name}")).join(",");
    let dump = output(
        objdump,
        &[
            "--disassemble-all",
            "--disassemble-zeroes",
            "--no-show-raw-insn",
            "--x86-asm-syntax=intel",
            &format!("--disassemble-symbols={names}"),
            program.to_str().expect("UTF-8"),
        ],
    );
    let mut listing = String::new();
    for (name, instructions) in functions(&dump) {
        let name = name.trim_start_matches('_');
        if name == "tramp_rt_v0_tables" {
            listing += &tables(&instructions);
        } else {
            let _ = write!(listing, "{name}:\n{}\n", lines(&instructions));
        }
    }
    listing
}

fn compare(listing: &str, path: &Path) {
    let expected = fs::read_to_string(path).unwrap_or_default();
    let pairs = listing.lines().chain(iter::repeat("")).zip(expected.lines().chain(iter::repeat("")));
    let longer = listing.lines().count().max(expected.lines().count());
    assert!(longer > 0, "an empty listing");
    for (number, (linked, expected)) in (1..=longer).zip(pairs) {
        assert_eq!(linked, expected, "linked, and expected in {}:{number}", path.display());
    }
}

/// Every different thunk, once, and how many there are of it.
fn tables(instructions: &[Instruction]) -> String {
    let start = instructions.first().map_or(0, |first| first.address);
    let mut order = Vec::new();
    let mut counts = HashMap::<String, usize>::new();
    for thunk in instructions.chunk_by(|a, b| (a.address - start) / THUNK_BYTES == (b.address - start) / THUNK_BYTES) {
        // What fills the last page behind the tables. ELF says that it is data, Mach-O does not.
        if thunk.iter().all(|one| one.text.starts_with("udf")) {
            continue;
        }
        let code = thunk.iter().rposition(|one| !PADDING.iter().any(|padding| one.text.starts_with(padding)));
        let executed = code.map_or(0, |last| last + 1);
        let mut text = lines(thunk);
        if cfg!(target_arch = "x86") {
            // Each calls the helper that begins its run.
            text = text.replace(&format!("call . - {:#x}", (thunk[0].address + 4) % 4096), "call run");
        }
        assert!(executed <= INSTRUCTIONS, "{executed} instructions in a thunk:\n{text}");
        *counts.entry(text.clone()).or_insert_with(|| {
            order.push(text);
            0
        }) += 1;
    }
    order.iter().fold(String::new(), |listing, text| format!("{listing}{} times:\n{text}\n", counts[text]))
}

/// One line for each instruction, or for several equal ones.
fn lines(instructions: &[Instruction]) -> String {
    instructions.chunk_by(|a, b| a.text == b.text).fold(String::new(), |lines, equal| match equal {
        [one] => format!("{lines}    {}\n", one.text),
        _ => format!("{lines}    {} (× {})\n", equal[0].text, equal.len()),
    })
}

/// The functions of a listing. Addresses that depend on where they were linked are relative to the instruction.
fn functions(dump: &str) -> Vec<(&str, Vec<Instruction>)> {
    let mut functions: Vec<(&str, Vec<Instruction>)> = Vec::new();
    for line in dump.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            functions.push((name, Vec::new()));
        } else if let (Some((address, text)), Some((_, instructions))) = (line.split_once(':'), functions.last_mut()) {
            let Ok(address) = u64::from_str_radix(address.trim(), 16) else { continue };
            instructions.push(Instruction { address, text: normal(text, address) });
        }
    }
    functions
}

fn normal(text: &str, origin: u64) -> String {
    let text = text.split(" # ").next().unwrap_or_default();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // What is a target has the name of a symbol behind it, unless there is none near or it is s390x's.
    let head = match words.split_once(" <") {
        Some((head, _)) => head,
        None if ["adr ", "larl ", "j ", "jnl "].iter().any(|name| words.starts_with(name)) => &words,
        None => return words,
    };
    let Some((head, target)) = head.rsplit_once("0x") else { return words };
    let target = u64::from_str_radix(target, 16).expect("an address");
    if target < origin {
        format!("{head}. - {:#x}", origin - target)
    } else {
        format!("{head}. + {:#x}", target - origin)
    }
}
