//! `include/tramp.h` is what cbindgen makes of `src/lib.rs`: checks that it is, or writes it with `--write`.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies in the package");
    let config = cbindgen::Config::from_file(package.join("cbindgen.toml")).expect("a configuration");
    let bindings = cbindgen::Builder::new().with_config(config).with_src(package.join("src/lib.rs")).generate();
    let mut header = Vec::new();
    bindings.expect("a header").write(&mut header);
    // cbindgen has a setting for the style of comments, and ignores it in the comments that it adds itself.
    let header = String::from_utf8(header).expect("text");
    let header = header.replace("}  // extern \"C\"\n", "}\n").replace("#endif  // __cplusplus\n", "#endif\n");
    let header = header.replace("#endif // __cplusplus\n", "#endif\n").into_bytes();

    let path = package.join("include/tramp.h");
    if env::args().nth(1).as_deref() == Some("--write") {
        fs::write(&path, header).expect("a writable file");
    } else if fs::read(&path).unwrap_or_default() != header {
        eprintln!("{} is not what is made of src/lib.rs; `ci/capi --header` makes it", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
