//! The crate without its feature `mapped`, and without std: see `tests/`.

/// Runs `test` with the direct slots: there are no others.
pub fn direct_and_mapped(test: impl Fn()) {
    test();
}

/// A command that runs one test of this program alone, in a process of its own.
///
/// # Panics
///
/// If the program's path is not known.
#[cfg(not(target_family = "wasm"))]
pub fn alone(test: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().expect("the program's own path"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command
}
