//! Builds the programs in `programs/`.

use std::path::PathBuf;
use std::process::Command;

/// One way to build one of the programs.
pub struct Build<'a> {
    pub package: &'a str,
    pub features: &'a str,
    pub profile: &'a str,
    /// Variables that the program reads by `env!`.
    pub variables: &'a [(&'a str, &'a str)],
}

impl Build<'_> {
    /// Runs cargo and returns the program's path. The next build of the same package and profile overwrites it.
    pub fn build(&self) -> PathBuf {
        let folder = if self.profile == "dev" { "debug" } else { self.profile };
        let target = target_folder();
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
            .args(["--package", self.package, "--features", self.features, "--profile", self.profile])
            .arg("--target-dir")
            .arg(&target)
            .envs(self.variables.iter().copied())
            .status()
            .expect("cargo");
        assert!(status.success(), "{} does not build", self.package);
        target.join(folder).join(self.package)
    }
}

/// The folder where cargo put this program: `target/release/tramp-bench`.
fn target_folder() -> PathBuf {
    let program = std::env::current_exe().expect("this program's path");
    program.ancestors().nth(2).expect("a profile's folder in the target folder").into()
}
