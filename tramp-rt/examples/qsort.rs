//! Sorts the lines of a file with C's `qsort`, by a key that the user chooses at run time.
//!
//! ```sh
//! cargo run --release --example qsort -- [--by text|length|number|field=N] [--reverse] [FILE]
//! ```
//!
//! C's `qsort` calls a plain function and passes it two lines and nothing else. Here it calls a closure, which knows the order
//! and counts the comparisons.

use std::cmp::Ordering;
use std::env;
use std::error::Error;
use std::ffi::{c_int, c_void};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use tramp_rt::trampoline;

const USAGE: &str = "usage: qsort [--by text|length|number|field=N] [--reverse] [FILE]";
const ABOUT: &str = "Sorts the lines of FILE with C's qsort. Without FILE, it sorts the source of this program.";
const OWN_SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/qsort.rs");

#[trampoline]
unsafe extern "C" {
    fn qsort(base: *mut c_void, count: usize, size: usize, compare: impl FnMut(*const c_void, *const c_void) -> c_int);
}

/// Sorts `lines` and returns the number of comparisons.
fn sort(lines: &mut [&str], order: &Order) -> usize {
    let mut comparisons = 0;
    // SAFETY: number and size of the elements are those of the slice. The elements are `Copy`, so C may move them as bytes. C
    // passes pointers to two of them. The order is a total one, as `qsort` requires.
    unsafe {
        qsort(lines.as_mut_ptr().cast(), lines.len(), size_of::<&str>(), |a, b| {
            comparisons += 1;
            order.compare(*a.cast::<&str>(), *b.cast::<&str>()) as c_int
        });
    }
    comparisons
}

#[derive(Default)]
struct Order {
    by: Key,
    reverse: bool,
}

impl Order {
    /// Lines with equal keys are ordered by their text.
    fn compare(&self, a: &str, b: &str) -> Ordering {
        let by_key = match self.by {
            Key::Text => Ordering::Equal,
            Key::Length => a.chars().count().cmp(&b.chars().count()),
            Key::Number => number(a).total_cmp(&number(b)),
            Key::Field(n) => field(a, n).cmp(&field(b, n)),
        };
        let ordering = by_key.then_with(|| a.cmp(b));
        if self.reverse { ordering.reverse() } else { ordering }
    }
}

#[derive(Default)]
enum Key {
    #[default]
    Text,
    Length,
    Number,
    Field(usize),
}

impl FromStr for Key {
    type Err = &'static str;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        match key {
            "text" => Ok(Self::Text),
            "length" => Ok(Self::Length),
            "number" => Ok(Self::Number),
            _ => match key.strip_prefix("field=").map(str::parse) {
                Some(Ok(n @ 1..)) => Ok(Self::Field(n)),
                _ => Err(USAGE),
            },
        }
    }
}

/// The number at the beginning of a line. A line without a number comes before all lines with one.
fn number(line: &str) -> f64 {
    field(line, 1).and_then(|first| first.parse().ok()).unwrap_or(f64::NEG_INFINITY)
}

/// The `n`-th word of a line, counted from 1. A line without such a word comes before all lines with one.
fn field(line: &str, n: usize) -> Option<&str> {
    line.split_whitespace().nth(n - 1)
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut order, mut path) = (Order::default(), None);
    let mut args = env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--by") => order.by = args.next().ok_or(USAGE)?.to_str().ok_or(USAGE)?.parse()?,
            Some("--reverse") => order.reverse = true,
            Some("--help") => {
                println!("{USAGE}\n{ABOUT}");
                return Ok(());
            }
            Some(option) if option.starts_with('-') => return Err(USAGE.into()),
            _ => path = Some(PathBuf::from(arg)),
        }
    }
    let path = path.unwrap_or_else(|| {
        eprintln!("{USAGE}\nThere is no FILE, so this program sorts its own source.");
        OWN_SOURCE.into()
    });

    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines: Vec<_> = text.lines().collect();
    let comparisons = sort(&mut lines, &order);

    let mut out = BufWriter::new(io::stdout().lock());
    for line in &lines {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    eprintln!("{} lines, {comparisons} comparisons", lines.len());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qsort: {error}");
            ExitCode::FAILURE
        }
    }
}
