//! Adds up numbers from standard input and saves them in a file, also if the program ends with `process::exit`.
//!
//! ```sh
//! cargo run --example atexit -- HISTORY
//! ```
//!
//! `process::exit` runs no destructors, but it runs the functions that were registered with C's `atexit`. C passes nothing to
//! such a function. Here the functions are closures, and they own all that they need: the file and the numbers.

use std::env;
use std::error::Error;
use std::ffi::c_int;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::sync::mpsc;

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    safe fn atexit(#[scope(async)] run: impl FnOnce() + Send + 'static) -> c_int;
}

const USAGE: &str = "usage: atexit HISTORY";
const ABOUT: &str = "Adds up the numbers on standard input, one in each line, and appends them to the file HISTORY.";

/// Runs `run` when the program exits. The closure that was registered last runs first.
fn at_exit(run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    if atexit(run) == 0 { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

fn run() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(env::args_os().nth(1).ok_or(USAGE)?);
    if path.as_os_str() == "--help" {
        println!("{USAGE}\n{ABOUT}");
        return Ok(());
    }
    let history = File::options().append(true).create(true).open(&path);
    let mut history = BufWriter::new(history.map_err(|error| format!("{}: {error}", path.display()))?);
    let (enter, entered) = mpsc::channel();

    // The second closure runs first, so the first one sees the size of the complete file.
    at_exit(move || match fs::metadata(&path) {
        Ok(file) => eprintln!("{}: {} bytes", path.display(), file.len()),
        Err(error) => eprintln!("{}: {error}", path.display()),
    })?;
    at_exit(move || {
        let saved = entered.try_iter().try_for_each(|number: f64| writeln!(history, "{number}"));
        if let Err(error) = saved.and_then(|()| history.flush()) {
            eprintln!("atexit: the history is incomplete: {error}");
        }
    })?;

    let mut sum = 0.0;
    for line in io::stdin().lines() {
        let number = parse(&line?);
        enter.send(number)?;
        sum += number;
        writeln!(io::stdout(), "{sum}")?;
    }
    Ok(())
}

/// The number in a line. A line without a number ends the program.
fn parse(line: &str) -> f64 {
    line.trim().parse().unwrap_or_else(|error| {
        eprintln!("atexit: {line}: {error}");
        process::exit(2)
    })
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("atexit: {error}");
            ExitCode::FAILURE
        }
    }
}
