//! Measurements in a process of their own, in which nothing was created, mapped or allocated before.

use std::process::{Command, Stdio};

/// The argument that makes this program a child. The name and the arguments of a measurement follow.
const CHILD: &str = "--child";

/// The command that starts the child `measurement`.
pub fn command(measurement: &str, arguments: &[&str]) -> Vec<String> {
    let program = std::env::current_exe().expect("this program's path").display().to_string();
    [&program, CHILD, measurement].iter().chain(arguments).map(ToString::to_string).collect()
}

/// The numbers that the child `measurement` prints.
pub fn measure(measurement: &str, arguments: &[&str]) -> Vec<f64> {
    let command = command(measurement, arguments);
    let output = Command::new(&command[0]).args(&command[1..]).stderr(Stdio::inherit()).output().expect("a child");
    assert!(output.status.success(), "{command:?}: {}", output.status);
    let printed = String::from_utf8(output.stdout).expect("numbers");
    printed.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

/// The name of a measurement, and the function that measures in the child.
pub type Child = (&'static str, fn(&[&str]) -> Vec<f64>);

/// If this process is one of these children, measures and tells the parent.
pub fn serve(children: &[Child], arguments: &[String]) -> bool {
    let [flag, measurement, arguments @ ..] = arguments else { return false };
    if flag != CHILD {
        return false;
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let child = children.iter().find(|(name, _)| name == measurement);
    let (_, measure) = child.unwrap_or_else(|| unreachable!("no parent asks for `{measurement}`"));
    println!("{}", measure(&arguments).iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    true
}
