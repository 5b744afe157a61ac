//! Lists the names in a directory that match a pattern, in an order that the user chooses at run time.
//!
//! ```sh
//! cargo run --example scandir -- [--by name|version] [--reverse] [DIRECTORY [PATTERN]]
//! ```
//!
//! C's `scandir` calls two functions and passes user data to neither. Here both are closures. The filter knows the pattern and
//! counts the entries, and the comparison knows the order.

use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int};
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;
use std::ptr;

use libc::dirent;
use tramp_rt::trampoline;

const USAGE: &str = "usage: scandir [--by name|version] [--reverse] [DIRECTORY [PATTERN]]";
const ABOUT: &str = "Lists the names in DIRECTORY that match PATTERN. Without them, it lists all names in `.`.";

#[trampoline]
unsafe extern "C" {
    fn scandir(
        directory: *const c_char,
        entries: &mut *mut *mut dirent,
        filter: impl FnMut(*const dirent) -> c_int,
        compare: impl FnMut(&*const dirent, &*const dirent) -> c_int,
    ) -> c_int;

    fn strverscmp(a: *const c_char, b: *const c_char) -> c_int;
}

/// One of C's ways to compare two strings.
type Compare = unsafe extern "C" fn(*const c_char, *const c_char) -> c_int;

struct Order {
    by: Compare,
    reverse: bool,
}

/// Returns the names in `directory` that match `pattern`, and the number of all entries.
fn list(directory: &CStr, pattern: &CStr, order: &Order) -> io::Result<(Vec<CString>, usize)> {
    let mut seen = 0;
    let mut entries = ptr::null_mut();
    // SAFETY: the directory and the pattern are C strings, and the names of the entries from C are C strings too.
    let count = unsafe {
        scandir(
            directory.as_ptr(),
            &mut entries,
            |entry| {
                seen += 1;
                (libc::fnmatch(pattern.as_ptr(), name(entry), libc::FNM_PERIOD) == 0).into()
            },
            |a, b| {
                let (a, b) = if order.reverse { (b, a) } else { (a, b) };
                (order.by)(name(*a), name(*b))
            },
        )
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(io::Error::last_os_error());
    };

    // SAFETY: `scandir` has allocated `count` entries and their array, and its caller frees them.
    let names = unsafe {
        let take = |index| {
            let entry = *entries.add(index);
            let name = CStr::from_ptr(name(entry)).to_owned();
            libc::free(entry.cast());
            name
        };
        let names = (0..count).map(take).collect();
        libc::free(entries.cast());
        names
    };
    Ok((names, seen))
}

/// The name of an entry.
///
/// This takes no `&dirent`, because C allocates only as many bytes as the name needs, which may be fewer than a `dirent` has.
///
/// # Safety
///
/// The entry is valid.
unsafe fn name(entry: *const dirent) -> *const c_char {
    // SAFETY: the entry is valid: the condition of `name`. No reference is made.
    unsafe { (&raw const (*entry).d_name).cast() }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut order = Order { by: libc::strcmp, reverse: false };
    let mut operands = Vec::new();
    let mut args = env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--by") => {
                order.by = match args.next().as_ref().and_then(|by| by.to_str()) {
                    Some("name") => libc::strcmp,
                    Some("version") => strverscmp,
                    _ => return Err(USAGE.into()),
                }
            }
            Some("--reverse") => order.reverse = true,
            Some("--help") => {
                println!("{USAGE}\n{ABOUT}");
                return Ok(());
            }
            Some(option) if option.starts_with('-') => return Err(USAGE.into()),
            _ => operands.push(arg),
        }
    }
    let mut operands = operands.into_iter();
    let mut operand = |default: &str| CString::new(operands.next().unwrap_or_else(|| default.into()).into_vec());
    let (directory, pattern) = (operand(".")?, operand("*")?);

    let (names, seen) =
        list(&directory, &pattern, &order).map_err(|error| format!("{}: {error}", directory.to_string_lossy()))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for name in &names {
        out.write_all(name.to_bytes())?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    eprintln!("{} of {seen} entries", names.len());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scandir: {error}");
            ExitCode::FAILURE
        }
    }
}
