//! Shows how much disk space the files below a directory take, by extension.
//!
//! ```sh
//! cargo run --example nftw -- [DIRECTORY]
//! ```
//!
//! C's `nftw` walks the directory and calls a function for each file. It passes no user data to this function, so programs in
//! C keep their sums in global variables. Here the sums are local variables, which a closure borrows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_int};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libc::stat;
use tramp_rt::{Trampoline, trampoline};

const USAGE: &str = "usage: nftw [DIRECTORY]";
const ABOUT: &str = "Shows how many bytes on the disk and how many files each extension has below DIRECTORY.";

// The part of `<ftw.h>` that this program needs.

/// `nftw` calls this. It does not write `status` if it knows nothing about the file (`FTW_NS`).
#[trampoline]
type Visit = unsafe extern "C" fn(path: *const c_char, status: &MaybeUninit<stat>, kind: c_int, place: &Ftw) -> c_int;

unsafe extern "C" {
    fn nftw(directory: *const c_char, visit: Visit, descriptors: c_int, flags: c_int) -> c_int;
}

#[repr(C)]
struct Ftw {
    _base: c_int,
    level: c_int,
}

/// <ftw.h>, where glibc counts from 0 and musl from 1.
const FTW_F: c_int = if cfg!(target_env = "musl") { 1 } else { 0 };
const FTW_DNR: c_int = FTW_F + 2;
const FTW_NS: c_int = FTW_F + 3;
const FTW_PHYS: c_int = 1;

/// What is below a directory.
#[derive(Default)]
struct Contents {
    usages: BTreeMap<OsString, Usage>,
    levels: c_int,
    unreadable: Vec<PathBuf>,
}

/// What the files with one extension take.
#[derive(Default)]
struct Usage {
    bytes: u64,
    files: usize,
}

fn measure(directory: &Path) -> Result<Contents, Box<dyn Error>> {
    let directory = CString::new(directory.as_os_str().as_bytes())?;
    let mut contents = Contents::default();
    let mut counted = HashSet::new();
    let result = Trampoline::<Visit>::scoped_mut(
        |path, status, kind, place| {
            // SAFETY: `path` is a C string.
            let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
            contents.levels = contents.levels.max(place.level);
            if let FTW_DNR | FTW_NS = kind {
                contents.unreadable.push(path.into());
            } else if kind == FTW_F {
                // SAFETY: `nftw` has written it, because the kind is not `FTW_NS`.
                let status = unsafe { status.assume_init_ref() };
                // A file with several names takes space only once.
                if counted.insert((status.st_dev, status.st_ino)) {
                    let usage = contents.usages.entry(path.extension().unwrap_or_default().into()).or_default();
                    usage.bytes += 512 * u64::try_from(status.st_blocks).unwrap_or_default();
                    usage.files += 1;
                }
            }
            0 // go on
        },
        // SAFETY: `directory` is a C string, and `nftw` uses `visit` only during this call.
        |visit| unsafe { nftw(directory.as_ptr(), Visit(visit), 16, FTW_PHYS) },
    )
    .map_err(tramp_rt::Error::from)?;
    if result == 0 { Ok(contents) } else { Err(io::Error::last_os_error().into()) }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let directory = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    if directory.as_os_str() == "--help" {
        println!("{USAGE}\n{ABOUT}");
        return Ok(ExitCode::SUCCESS);
    }
    let contents = measure(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;

    let mut usages: Vec<_> = contents.usages.iter().collect();
    usages.sort_by_key(|(_, usage)| Reverse(usage.bytes));
    let mut table = String::new();
    for (extension, Usage { bytes, files }) in &usages {
        let extension = if extension.is_empty() { "none".into() } else { extension.to_string_lossy() };
        writeln!(table, "{bytes:>14} {files:>8}  {extension}")?;
    }
    let bytes: u64 = usages.iter().map(|(_, usage)| usage.bytes).sum();
    let files: usize = usages.iter().map(|(_, usage)| usage.files).sum();
    writeln!(table, "{bytes:>14} {files:>8}  in total, {} levels deep", contents.levels)?;
    io::stdout().write_all(table.as_bytes())?;

    for path in &contents.unreadable {
        eprintln!("nftw: {}: cannot be read", path.display());
    }
    Ok(if contents.unreadable.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("nftw: {error}");
        ExitCode::FAILURE
    })
}
