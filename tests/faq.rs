//! The guide's FAQ quotes messages: those of the compiler as headings, those of a program that dies and of errors in tables.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The compiler's messages, and the macro's, are in `tests/ui/*/*.stderr`. `…` stands for what differs.
#[test]
fn headings_are_messages_of_the_compiler() {
    let section = section("# Messages of the compiler", "# Messages of a program that dies");
    let headings: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert!(headings.len() > 10, "{headings:#?}");
    let mut messages = String::new();
    read(Path::new("tests/ui"), "stderr", &mut messages);
    let unquoted: Vec<_> =
        headings.into_iter().filter(|heading| !messages.lines().any(|line| is_quoted(heading, line))).collect();
    assert!(unquoted.is_empty(), "no message of tests/ui/*/*.stderr says: {unquoted:#?}");
}

/// The messages of a program that dies are in `misuse.rs`. Each has a row, and the first row that is in it begins it. The
/// message ends with the address of that row.
#[test]
fn rows_are_the_messages_of_a_program_that_dies() {
    /// The bytes that `die` has for a line.
    const ROOM: usize = 256;
    let section = section("# Messages of a program that dies", "# Errors of a constructor");
    let rows = rows(&section);
    let source = fs::read_to_string("tramp-rt/src/misuse.rs").expect("a text");
    // The C library has messages of its own, and its man page.
    let functions = source.split("\n\n").filter(|item| item.contains("() -> !") && !item.contains("MAN_PAGE"));
    let deaths: Vec<_> = functions
        .filter_map(|function| {
            let mut texts = function.split("die(").nth(1)?.split('"').skip(1).step_by(2);
            Some((texts.next()?, texts.next().expect("the row's address")))
        })
        .collect();
    assert!(deaths.len() > 7, "{deaths:#?}");
    let unsaid: Vec<_> =
        rows.iter().filter(|(_, row)| !deaths.iter().any(|(message, _)| message.contains(row))).collect();
    assert!(unsaid.is_empty(), "no message of misuse.rs says: {unsaid:#?}");
    for (message, address) in &deaths {
        let row = rows.iter().find(|(anchor, _)| *anchor == Some(*address)).map(|(_, row)| *row);
        assert!(
            row.is_some_and(|row| message.starts_with(row)),
            "row #{address} is {row:?}, but the message: {message}"
        );
        let line = format!("tramp: {message}; aborting, see tramp_rt::guide::faq#{address}\n");
        assert!(line.len() < ROOM, "{} bytes: {line}", line.len());
    }
    let anchors: BTreeSet<_> = rows.iter().filter_map(|(anchor, _)| *anchor).collect();
    assert_eq!(anchors, deaths.iter().map(|(_, address)| *address).collect(), "each address is one row's");
}

/// Each error has a remedy in its documentation, and its text has a row, with `…` for what differs.
#[test]
fn rows_are_the_errors_of_a_constructor() {
    let section = section("# Errors of a constructor", "# Questions");
    let mut rows = rows(&section);
    let source = fs::read_to_string("tramp-rt/src/error.rs").expect("a text");
    let (_, source) = source.split_once("pub enum Error {\n").expect("the errors");
    let (variants, source) = source.split_once("\n}\n").expect("their end");
    let (_, texts) = source.split_once("impl fmt::Display for Error {").expect("their texts");
    let (texts, _) = texts.split_once("\n}\n").expect("their end");
    let mut documentation = String::new();
    for line in variants.lines() {
        let Some(name) = line.strip_prefix("    ").filter(|line| line.starts_with(char::is_uppercase)) else {
            documentation += line;
            continue;
        };
        let name = name.split(|c: char| !c.is_alphabetic()).next().expect("a name");
        assert!(documentation.contains("**Remedy:**"), "{name} has no remedy");
        documentation.clear();
        let (_, text) = texts.split_once(&format!("Self::{name}")).expect("a text for each");
        let text = text.split("Self::").next().expect("a text");
        let literals: Vec<_> = text.split('"').skip(1).step_by(2).map(with_gaps).collect();
        let row = rows.iter().position(|(_, row)| literals.iter().any(|literal| literal == row));
        rows.swap_remove(row.unwrap_or_else(|| panic!("the FAQ has no row for {name}: {literals:#?}")));
    }
    assert!(rows.is_empty(), "no error says: {rows:#?}");
}

/// A format string with `…` instead of its arguments.
fn with_gaps(format: &str) -> String {
    let mut parts = format.split('{');
    let first = parts.next().expect("at least one part").to_owned();
    parts.fold(first, |text, part| text + "…" + part.split_once('}').expect("an argument's end").1)
}

/// The texts in the first column of the table in a section, with the anchors of the rows that have one.
fn rows(section: &str) -> Vec<(Option<&str>, &str)> {
    fn row(line: &str) -> Option<(Option<&str>, &str)> {
        let (before, rest) = line.strip_prefix("| ")?.split_once("``")?;
        let anchor = before.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>"));
        assert!(anchor.is_some() || before.is_empty(), "{line}");
        Some((anchor, rest.split("``").next()?))
    }
    section.lines().filter_map(row).collect()
}

/// What the FAQ says between two of its headings.
fn section(from: &str, to: &str) -> String {
    let faq = fs::read_to_string("tramp-rt/src/guide/faq.rs").expect("a text");
    let lines =
        faq.lines().filter_map(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.skip_while(|line| *line != from).take_while(|line| *line != to).collect::<Vec<_>>().join("\n")
}

/// Whether `heading` is in `line`, with any text for each `…`.
fn is_quoted(heading: &str, line: &str) -> bool {
    heading.split('…').try_fold(line, |rest, part| Some(rest.split_once(part)?.1)).is_some()
}

/// Adds the files of that extension in a folder to `text`.
fn read(folder: &Path, extension: &str, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, extension, text);
        } else if path.extension().is_some_and(|found| found == extension) {
            text.push_str(&fs::read_to_string(&path).expect("a text"));
        }
    }
}
