//! Runs a test in its own process. `tests/packages/support` has the same function, but these tests cannot depend on it.

use std::path::Path;
use std::process::Command;

/// A command that runs only one test of this program.
pub(crate) fn alone(module: &str, test: &str) -> Command {
    alone_in(&std::env::current_exe().expect("the program's own path"), module, test)
}

/// The same for a copy of this program, with the emulator in `TRAMP_TEST_RUNNER`, if there is one.
pub(crate) fn alone_in(program: &Path, module: &str, test: &str) -> Command {
    let runner = std::env::var("TRAMP_TEST_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace().map(Path::new).chain([program]);
    let mut command = Command::new(words.next().expect("the program, if nothing else"));
    let (_, module) = module.split_once("::").expect("a module of the crate");
    command.args(words).arg(format!("{module}::{test}")).args(["--exact", "--nocapture", "--test-threads=1"]);
    command
}
