//! `/proc/self/maps`: where this code was mapped from.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::unix::own_file::Mapping;
use crate::source::Failure;

/// The mapping that holds `address`.
pub(super) fn find(address: usize) -> Result<Mapping, Failure> {
    // `self` and not the process's number, because /proc may belong to another PID namespace.
    let mut maps = File::open("/proc/self/maps").map_err(Failure::ReadMappings)?;
    // This is not a `BufReader`: its 8 KiB on the heap may need a mapping (musl), and std aborts if the mapping fails.
    let mut buffer = [0; 4 << 10];
    let mut line = Vec::new();
    loop {
        let count = match maps.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::ReadMappings(error)),
        };
        for piece in buffer[..count].split_inclusive(|&byte| byte == b'\n') {
            line.try_reserve(piece.len())
                .map_err(|_| Failure::ReadMappings(io::Error::from_raw_os_error(libc::ENOMEM)))?;
            line.extend_from_slice(piece);
            let Some(whole) = line.strip_suffix(b"\n") else { continue };
            match parse(whole) {
                Some(mapping) if (mapping.start..mapping.end).contains(&address) => return Ok(mapping),
                _ => line.clear(),
            }
        }
    }
    Err(Failure::NotInAFile)
}

/// `start-end perms offset device inode    path`, see `proc_pid_maps(5)`.
fn parse(line: &[u8]) -> Option<Mapping> {
    let mut fields = line.splitn(6, |&byte| byte == b' ');
    let mut range = fields.next()?.splitn(2, |&byte| byte == b'-');
    let [start, end] = [number(range.next()?, 16)?, number(range.next()?, 16)?];
    let _permissions = fields.next()?; // ignored, because emulators show text as `r--p`
    let offset = number(fields.next()?, 16)?;
    let _device = fields.next()?;
    let inode = number(fields.next()?, 10)?;
    let path = fields.next().unwrap_or_default();
    Some(Mapping {
        start: usize::try_from(start).ok()?,
        end: usize::try_from(end).ok()?,
        offset,
        inode: Some(inode),
        paths: candidates(path.trim_ascii_start()),
    })
}

#[inline(never)] // one copy of std's code in every program
fn number(digits: &[u8], radix: u32) -> Option<u64> {
    u64::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok()
}

/// The program's own file. This link opens it even if it was moved or deleted.
pub(super) const OWN_PROGRAM: &str = "/proc/self/exe";

/// The paths that this text may mean. The kernel writes a newline as `\012` and leaves a backslash unchanged.
fn candidates(path: &[u8]) -> Vec<PathBuf> {
    let mut candidates = Vec::new();
    let mut add = |path| candidates.push(PathBuf::from(OsString::from_vec(path)));
    if let Some(unescaped) = unescape(path) {
        add(unescaped);
    }
    if !path.is_empty() {
        add(path.to_vec());
    }
    add(OWN_PROGRAM.into());
    candidates
}

/// The path with its newlines, if it may have some.
fn unescape(path: &[u8]) -> Option<Vec<u8>> {
    const ESCAPE: &[u8] = br"\012";
    let mut unescaped = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.windows(ESCAPE.len()).position(|window| window == ESCAPE) {
        unescaped.extend_from_slice(&rest[..at]);
        unescaped.push(b'\n');
        rest = &rest[at + ESCAPE.len()..];
    }
    if unescaped.is_empty() {
        return None;
    }
    unescaped.extend_from_slice(rest);
    Some(unescaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn mapping(line: &str) -> Mapping {
        parse(line.as_bytes()).expect("a line of /proc/self/maps")
    }

    #[test]
    fn a_line_is_parsed_whatever_its_path_is() {
        let found = mapping("7f1-7f3 r--p 0001f000 fe:01 42                         /a b/c (deleted)");
        let paths = vec!["/a b/c (deleted)".into(), "/proc/self/exe".into()];
        assert_eq!(found, Mapping { start: 0x7f1, end: 0x7f3, offset: 0x1f000, inode: Some(42), paths });
        assert_eq!(mapping("0-1 rw-p 00000000 00:00 0 ").paths.len(), 1);
        assert_eq!(mapping("0-1 rw-p 00000000 00:00 0").paths.len(), 1);
        assert_eq!(parse(b"no line of maps"), None);
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn a_path_with_an_escape_is_tried_both_ways() {
        let names = |line| mapping(line).paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(
            names(r"0-1 r-xp 0 fe:01 1 /x\012y"),
            [r"/x\012y".replace(r"\012", "\n"), r"/x\012y".into(), "/proc/self/exe".into()]
        );
        assert_eq!(names("0-1 r-xp 0 fe:01 1 /x y"), ["/x y", "/proc/self/exe"]);
    }

    #[test]
    fn a_library_in_an_archive_is_in_the_archives_file() {
        // Android maps libraries directly from the package: dlopen(3), "Opening shared libraries directly from an APK".
        let line = "7b1d2000-7b1f2000 r-xp 00a54000 fe:2c 9911      /data/app/~~k3==/org.example-9Q==/base.apk";
        let found = mapping(line);
        assert_eq!((found.offset, found.inode), (0xa5_4000, Some(9911)));
        assert!(found.paths[0].ends_with("org.example-9Q==/base.apk"));
    }

    #[test]
    fn this_code_is_found_in_this_file() {
        let here = find as *const () as usize;
        let mapping = find(here).expect("this function is mapped from a file");
        assert!((mapping.start..mapping.end).contains(&here));
        let program = std::env::current_exe().expect("the test's own path");
        assert_eq!(program.metadata().expect("it exists").ino(), mapping.inode.expect("an inode"));
    }
}
