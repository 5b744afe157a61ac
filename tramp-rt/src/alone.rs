//! A test that runs in a process of its own. As in `tests/packages/support`, which these tests cannot depend on.

use std::process::Command;

/// A command that runs one test of this program alone, by the emulator that `TRAMP_TEST_RUNNER` names, if it names one.
pub(crate) fn alone(module: &str, test: &str) -> Command {
    let runner = std::env::var("TRAMP_TEST_RUNNER").unwrap_or_default();
    let program = std::env::current_exe().expect("the program's own path");
    let mut words = runner.split_whitespace().map(Into::into).chain([program]);
    let mut command = Command::new(words.next().expect("the program, if nothing else"));
    let (_, module) = module.split_once("::").expect("a module of the crate");
    command.args(words).arg(format!("{module}::{test}")).args(["--exact", "--nocapture", "--test-threads=1"]);
    command
}
