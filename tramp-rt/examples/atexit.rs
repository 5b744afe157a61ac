//! Adds up the numbers that are entered, and saves them in a file, whether it ends by itself or by `process::exit`.
//!
//! ```sh
//! cargo run --example atexit -- HISTORY
//! ```
//!
//! `process::exit` runs no destructors, but it runs what was left with C's `atexit`: functions that are passed nothing.
//! Here they are closures, which own all that they need: the file, and the numbers that go there.

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

/// Runs `run` when the program exits, before all that was registered earlier.
fn at_exit(run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    if atexit(run) == 0 { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

fn run() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(env::args_os().nth(1).ok_or("usage: atexit HISTORY")?);
    let history = File::options().append(true).create(true).open(&path);
    let mut history = BufWriter::new(history.map_err(|error| format!("{}: {error}", path.display()))?);
    let (enter, entered) = mpsc::channel();

    // The last to be registered is the first to run: when the size is asked for, the numbers are written.
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

/// The number in a line. There is no going on without one.
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
