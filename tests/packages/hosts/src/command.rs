//! The program. It prints a table of states and columns, is one child of it, or watches a command.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, id};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::child;
use crate::outcome::{self, Outcome};
use crate::place::PROGRAMS;
use crate::programs;
use crate::state::{self, State};
use crate::subject::Subject;
use crate::watch::{End, Since, watch};

const CHILD: &str = "--child";

/// `hosts [PART-OF-A-STATE'S-NAME]` prints the table; `hosts --watch COMMAND…` runs a command and fails if it ever has a
/// page that is writable and executable, or makes one executable.
pub fn main() -> ExitCode {
    // The program may have any name. The arguments come from this program.
    let arguments = env::args_os().skip(1).map(|argument| argument.into_string().expect("UTF-8"));
    let arguments: Vec<String> = arguments.collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [CHILD, subject, state, scratch] => {
            let subject = Subject::parse(subject).expect("a subject of this build");
            child::run(subject, State::find(state).expect("a state"), Path::new(scratch))
        }
        ["--watch", program, ref arguments @ ..] => watched(program, arguments),
        [] => table(""),
        [part] if !part.starts_with('-') => table(part),
        _ => {
            eprintln!("usage: hosts [STATE] | hosts --watch COMMAND [ARGUMENT...]");
            ExitCode::from(2)
        }
    }
}

/// Has a child try a subject in a state. `hosts` is this program.
pub fn try_in(hosts: &Path, subject: Subject, state: &State) -> Outcome {
    let scratch = Scratch::new();
    let number = (subject as u32).to_string();
    let mut command = Command::new(hosts);
    command.args([CHILD, &number, state.name]).arg(&scratch.0).env(PROGRAMS, programs::directory());
    match watch(&mut command, Since::Mark) {
        Ok(seen) => Outcome::of(&seen).without(&scratch.0),
        Err(error) => Outcome::Skipped(format!("this process cannot be watched: {error}")),
    }
}

impl Outcome {
    /// The outcome without the path of the directory, because its name differs each time.
    fn without(self, directory: &Path) -> Self {
        let directory = format!("{}/", directory.display());
        match self {
            Self::Error(why) => Self::Error(why.replace(&directory, "")),
            Self::Dies(how) => Self::Dies(how.replace(&directory, "")),
            outcome => outcome,
        }
    }
}

/// An empty directory that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let path = env::temp_dir().join(format!("hosts-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&path).expect("a directory for temporary files");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // the system cleans up what is left
    }
}

/// Prints the table of all states whose name contains `part`. Fails if tramp fails in one of them.
fn table(part: &str) -> ExitCode {
    let hosts = env::current_exe().expect("this program's path");
    let names: Vec<&str> = Subject::ALL.iter().map(|subject| subject.name()).collect();
    println!("| state | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    let (mut failed, mut skipped) = (Vec::new(), 0);
    for state in state::ALL.iter().filter(|state| state.name.contains(part)) {
        let outcomes: Vec<Outcome> = Subject::ALL.iter().map(|&subject| try_in(&hosts, subject, state)).collect();
        skipped += usize::from(matches!(outcomes[0], Outcome::Skipped(_)));
        if !is_right(state, &outcomes[0]) {
            failed.push(state.name);
        }
        let cells: Vec<String> = outcomes.iter().map(|outcome| outcome.to_string().replace('|', "\\|")).collect();
        println!("| {} | {} |", state.name, cells.join(" | "));
    }
    eprintln!("{skipped} skipped; tramp fails in {}: {failed:?}", failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether the outcome is what tramp promises for a state. It works. No page is writable and executable, or becomes executable.
/// It keeps no descriptor. It creates a file only if there is nothing else to map code from.
pub fn is_right(state: &State, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Works(notes) => notes.iter().all(|&note| match note {
            outcome::MEMFD => true,
            outcome::FILE_CREATED => state.needs_file,
            _ => false,
        }),
        Outcome::Skipped(_) => true,
        Outcome::Error(_) | Outcome::Dies(_) => false,
    }
}

fn watched(program: &str, arguments: &[&str]) -> ExitCode {
    let seen = match watch(Command::new(program).args(arguments), Since::Start) {
        Ok(seen) => seen,
        Err(error) => {
            eprintln!("{program}: {error}");
            return ExitCode::FAILURE;
        }
    };
    eprint!("{}", seen.errors);
    let notes = seen.notes();
    if let Some(note) =
        [outcome::WRITE_EXECUTE, outcome::MADE_EXECUTABLE, outcome::ALIASED].iter().find(|note| notes.contains(note))
    {
        eprintln!("hosts --watch: {program}: {note}");
        return ExitCode::FAILURE;
    }
    match seen.end {
        End::Exit(0) => ExitCode::SUCCESS,
        end => {
            eprintln!("hosts --watch: {program}: {end:?}");
            ExitCode::FAILURE
        }
    }
}
