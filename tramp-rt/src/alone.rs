//! A test that runs in a process of its own. As in `tests/packages/support`, which these tests cannot depend on.

use std::path::Path;
use std::process::Command;

/// A command that runs one test of this program alone.
pub(crate) fn alone(module: &str, test: &str) -> Command {
    alone_in(&std::env::current_exe().expect("the program's own path"), module, test)
}

/// The same of a copy of this program, by the emulator that `TRAMP_TEST_RUNNER` names, if it names one.
pub(crate) fn alone_in(program: &Path, module: &str, test: &str) -> Command {
    let runner = std::env::var("TRAMP_TEST_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace().map(Path::new).chain([program]);
    let mut command = Command::new(words.next().expect("the program, if nothing else"));
    let (_, module) = module.split_once("::").expect("a module of the crate");
    command.args(words).arg(format!("{module}::{test}")).args(["--exact", "--nocapture", "--test-threads=1"]);
    command
}
