//! The C compilers of a target. Build scripts use this to compile the same code with each.

use std::env;
use std::process::{Command, Stdio};

/// The other compiler for this target. `GCC_<target>` or `CLANG_<target>` names it, in the manner of cc's
/// `CC_<target>`. Otherwise it is found in the path by its usual name.
pub(crate) fn other_compiler(family: &str) -> Option<String> {
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let variable = format!("{}_{}", family.to_uppercase(), target.replace('-', "_"));
    println!("cargo::rerun-if-env-changed={variable}");
    if let Ok(compiler) = env::var(variable) {
        return Some(compiler);
    }
    let native = env::var("HOST").is_ok_and(|host| host == target);
    let compiler = match family {
        _ if native => family.into(),
        // GNU's name of the target has no vendor.
        "gcc" => {
            format!("{}-gcc", target.replace("-unknown", "").replace("armv7", "arm").replace("riscv64gc", "riscv64"))
        }
        _ => return None,
    };
    let answer = Command::new(&compiler).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    answer.is_ok_and(|status| status.success()).then_some(compiler)
}
