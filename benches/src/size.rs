//! What one trampoline adds to a program, on disk and in memory.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::memory::{FileMemory, evict, forget_references};
use crate::programs::Build;
use crate::race::{median, rounds};
use crate::report::{Bars, Table, number};

const KIB: f64 = 1024.0;

/// The program's features, and a name for the program with them.
const CASES: [(&str, &str); 4] = [
    ("", "plain fn"),
    ("direct", "one trampoline, `default-features = false`"),
    ("mapped", "one trampoline"),
    ("mapped,occupied", "one trampoline, mapped"),
];

struct Size {
    disk: f64,
    resident: f64,
    touched: f64,
}

fn measure(features: &str) -> Size {
    let program = Build { package: "sort", features, profile: "stripped", variables: &[] }.build();
    evict(&program);
    let memory: Vec<FileMemory> = (0..rounds::SECONDS).map(|_| memory_of(&program)).collect();
    let of = |what: fn(&FileMemory) -> f64| median(memory.iter().map(what).collect());
    Size {
        disk: fs::metadata(&program).expect("the program").len() as f64,
        resident: of(|memory| memory.resident),
        touched: of(|memory| memory.referenced),
    }
}

/// Runs the program. It waits, sorts, and waits again.
fn memory_of(program: &Path) -> FileMemory {
    let piped = Stdio::piped;
    let mut process = Command::new(program).stdin(piped()).stdout(piped()).spawn().expect("the program runs");
    let mut output = BufReader::new(process.stdout.take().expect("piped"));
    let mut line = String::new();
    output.read_line(&mut line).expect("it waits");
    forget_references(process.id());
    process.stdin.as_mut().expect("piped").write_all(b"\n").expect("it reads");
    output.read_line(&mut line).expect("it has sorted");
    assert_eq!(line.lines().count(), 2, "{line}");
    let memory = FileMemory::of(process.id(), program);
    drop(process.stdin.take());
    process.wait().expect("it ends");
    memory
}

pub fn run(bars: &mut Bars) {
    let sizes = CASES.map(|(features, _)| measure(features));
    let [plain, direct, default, _] = &sizes;

    let mut table = Table::new(&["program", "KiB on disk", "more", "KiB resident", "more", "KiB touched", "more"]);
    for ((_, words), size) in CASES.iter().zip(&sizes) {
        table.row(
            words,
            [
                number(size.disk / KIB),
                number((size.disk - plain.disk) / KIB),
                number(size.resident / KIB),
                number((size.resident - plain.resident) / KIB),
                number(size.touched / KIB),
                number((size.touched - plain.touched) / KIB),
            ],
        );
    }
    println!(
        "## Size\n\nThe program is a stripped release build that sorts with `qsort` and a comparison that counts. *Resident* \
         is the part of its file that the kernel has mapped. It includes pages around those that the program asked for. \
         *Touched* are the pages that the program used between its first trampoline and its last.\n\n{table}"
    );
    bars.at_most("one trampoline, on disk", 192.0, "KiB", (default.disk - plain.disk) / KIB);
    bars.at_most("one trampoline, resident", 32.0, "KiB", (default.resident - plain.resident) / KIB);
    bars.at_most("direct slots alone, on disk", 16.0, "KiB", (direct.disk - plain.disk) / KIB);
}
