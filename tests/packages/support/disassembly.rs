//! What a processor executes between C and a handler: the thunks and routines of a program, as LLVM disassembles them.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, iter};

/// The smallest distance of two thunks.
const THUNK_BYTES: u64 = if cfg!(target_arch = "x86") { 32 } else { 16 };

/// Assemblers fill gaps with these.
const PADDING: [&str; 5] = ["int3", "nop", "udf", "unimp", "<unknown>"];

/// The name of a symbol of the assembly, without the part that tells versions apart.
pub fn plain_name(symbol: &str) -> Option<&str> {
    let name = symbol.trim_start_matches('_').strip_prefix("tramp_rt_")?; // Mach-O's begin with an underscore
    let name = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    Some(name.strip_prefix("with_c_").unwrap_or(name))
}

/// Compares the tables and routines of a program with a file. `instructions` is the most that a thunk may have. The
/// program has `times` as many thunks as the file says.
///
/// `TRAMP_OBJDUMP` names the `llvm-objdump`. Without it, nothing is compared. `BLESS=1` writes the file anew.
///
/// # Panics
///
/// If they differ, or if there are none.
pub fn compare(program: &Path, names: &[&str], instructions: usize, times: usize, path: &Path) {
    let sizes = objdump(&["--syms"], program).unwrap_or_default();
    let symbols = sizes.lines().filter_map(|line| line.split_whitespace().next_back());
    let symbols: Vec<_> =
        symbols.filter(|symbol| plain_name(symbol).is_some_and(|name| names.contains(&name))).collect();
    let symbols = format!("--disassemble-symbols={}", symbols.join(","));
    // All sections, because OpenBSD's tables are data.
    let arguments =
        ["--disassemble-all", "--disassemble-zeroes", "--no-show-raw-insn", "--x86-asm-syntax=intel", &symbols];
    let Some(dump) = objdump(&arguments, program) else {
        println!("{}: skipped, TRAMP_OBJDUMP names no disassembler", path.display());
        return;
    };

    let mut listing = String::new();
    for (name, mut found) in functions(&dump) {
        let bytes = size(&sizes, name);
        let name = plain_name(name).unwrap_or(name);
        if name.ends_with("tables") {
            // If the tables are data, the disassembler continues behind them.
            if let (Some(bytes), Some(first)) = (bytes, found.first().map(|first| first.address)) {
                found.retain(|one| one.address - first < bytes);
            }
            listing += &tables(&found, instructions, times);
        } else {
            let _ = write!(listing, "{name}:\n{}\n", lines(&found));
        }
    }

    if env::var_os("BLESS").is_some() {
        fs::write(path, &listing).expect("a writable file");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let pairs = listing.lines().chain(iter::repeat("")).zip(expected.lines().chain(iter::repeat("")));
    let longer = listing.lines().count().max(expected.lines().count());
    assert!(longer > 0, "an empty listing");
    for (number, (linked, expected)) in (1..=longer).zip(pairs) {
        assert_eq!(linked, expected, "linked, and expected in {}:{number}", path.display());
    }
}

/// The disassembler's text for a program, if there is a disassembler.
///
/// # Panics
///
/// If it cannot be run.
pub fn objdump(arguments: &[&str], program: &Path) -> Option<String> {
    let mut objdump = Command::new(env::var_os("TRAMP_OBJDUMP")?);
    // The disassembler complains about each member of a library that lacks a symbol.
    let dump = objdump.args(arguments).arg(program).stderr(Stdio::null()).output().expect("a disassembler");
    Some(String::from_utf8(dump.stdout).expect("UTF-8"))
}

/// The size of a symbol. Mach-O does not have it: `ADDRESS FLAGS SECTION SIZE NAME`.
fn size(symbols: &str, name: &str) -> Option<u64> {
    let line = symbols.lines().find(|line| line.split_whitespace().next_back() == Some(name))?;
    let (_, rest) = line.split_once('\t')?;
    u64::from_str_radix(rest.split_whitespace().next()?, 16).ok().filter(|size| *size > 0)
}

/// In COFF the linker chooses where the slots are. It has to be the same distance for each thunk, in whole pages, and the listing
/// does not name it.
fn linked(thunk: &[Instruction], distance: &mut Option<u64>) -> Vec<Instruction> {
    let mut linked = thunk.to_vec();
    let [page, rest, ..] = &mut *linked else { return linked };
    let Some(operands) = page.text.strip_prefix("adrp ") else { return linked };
    let number = |text: &str| {
        let (_, number) = text.rsplit_once("0x").expect("a number");
        u64::from_str_radix(number, 16).expect("a number")
    };
    let here = number(operands) + number(&rest.text);
    assert_eq!(*distance.get_or_insert(here), here, "the slots' distance: {}", page.text);
    assert_eq!(here % 4096, 0, "whole pages: {}", page.text);
    let register = operands.split(',').next().unwrap_or_default().to_owned();
    page.text = format!("adrp {register}, slot");
    rest.text = format!("add {register}, {register}, slot");
    linked
}

#[derive(Clone)]
struct Instruction {
    address: u64,
    text: String,
}

/// Each different thunk once, and the number of its copies, divided by `times`.
fn tables(instructions: &[Instruction], allowed: usize, times: usize) -> String {
    let start = instructions.first().map_or(0, |first| first.address);
    let mut order = Vec::new();
    let mut counts = HashMap::<String, usize>::new();
    let mut distance = None;
    for thunk in instructions.chunk_by(|a, b| (a.address - start) / THUNK_BYTES == (b.address - start) / THUNK_BYTES) {
        // This fills the last page behind the tables. ELF says that it is data, and Mach-O does not.
        if thunk.iter().all(|one| one.text.starts_with("udf")) {
            continue;
        }
        let thunk = &linked(thunk, &mut distance);
        let code = thunk.iter().rposition(|one| !PADDING.iter().any(|padding| one.text.starts_with(padding)));
        let executed = code.map_or(0, |last| last + 1);
        let mut text = lines(thunk);
        if cfg!(target_arch = "x86") {
            // Each calls the helper at the beginning of its run.
            let call = thunk.iter().find(|one| one.text.starts_with("call "));
            text = call.map_or(text.clone(), |call| {
                let to_run = format!("call . - {:#x}", call.address % 4096);
                text.replace(&to_run, "call run")
            });
        }
        assert!(executed <= allowed, "{executed} instructions in a thunk:\n{text}");
        *counts.entry(text.clone()).or_insert_with(|| {
            order.push(text);
            0
        }) += 1;
    }
    order.iter().fold(String::new(), |listing, text| {
        let count = counts[text];
        assert_eq!(count % times, 0, "{count} times:\n{text}");
        format!("{listing}{} times:\n{text}\n", count / times)
    })
}

/// One line for each instruction, or for several equal ones.
fn lines(instructions: &[Instruction]) -> String {
    instructions.chunk_by(|a, b| a.text == b.text).fold(String::new(), |lines, equal| match equal {
        [one] => format!("{lines}    {}\n", one.text),
        _ => format!("{lines}    {} (× {})\n", equal[0].text, equal.len()),
    })
}

/// The functions of a listing. Addresses that depend on the place of linking become relative to the instruction.
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
    let text = text.split_once("# ").map_or(text, |(text, _)| text.trim_end_matches('#')); // a comment
    // aarch64's, in ELF and in Mach-O
    let text = [" // ", " ; "].iter().fold(text, |text, mark| text.split_once(mark).map_or(text, |(text, _)| text));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // The name of a symbol follows a target, unless no symbol is near or the processor is s390x.
    let head = match words.split_once(" <") {
        Some((head, _)) => head,
        None if ["adr ", "adrp ", "larl ", "lgrl ", "j ", "jl ", "jnl "].iter().any(|name| words.starts_with(name)) => {
            &words
        }
        None => return words,
    };
    let Some((head, target)) = head.rsplit_once("0x") else { return head.to_owned() }; // loongarch64's are relative
    let target = u64::from_str_radix(target, 16).expect("an address");
    if target < origin {
        format!("{head}. - {:#x}", origin - target)
    } else {
        format!("{head}. + {:#x}", target - origin)
    }
}
