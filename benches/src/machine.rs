//! The machine of a measurement.

use std::fs;
use std::process::Command;

/// Processor, kernel and compiler, in one line.
pub fn line() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or("unknown", |(_, value)| value.trim())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let processor =
        format!("{} (family {}, model {}), {threads} CPUs", field("model name"), field("cpu family"), field("model\t"));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel = kernel.split('-').next().unwrap_or_default().trim().to_owned(); // without the name of the person who built it
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("{processor}; Linux {kernel}; {}; {}; load before {load}", version("rustc"), glibc())
}

fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map_or_else(|_| format!("no {program}"), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(target_env = "gnu")]
fn glibc() -> String {
    // SAFETY: the function returns a static string.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("glibc {}", version.to_string_lossy())
}

#[cfg(not(target_env = "gnu"))]
fn glibc() -> String {
    "not glibc".into()
}
