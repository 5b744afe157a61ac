//! The first source of tables: the file that this code was loaded from.
//!
//! The path in /proc/self/maps is a hint, no more: the file may have been replaced, deleted or hidden by another mount
//! since. What is opened has to be the same inode, and what is mapped has to hold the same bytes, before any is run.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::code::{At, Code};
use crate::error::Failure;

/// Maps the bytes of `linked` again from their file: shared, readable and executable.
pub(super) fn map(linked: &[u8], at: At) -> Result<Code, Failure> {
    let mapping = ask(linked.as_ptr().addr()).map_or_else(|| find(linked.as_ptr().addr()), Ok)?;
    let offset = mapping.offset + (linked.as_ptr().addr() - mapping.start) as u64;
    let mut failure = Failure::NotInAFile;
    for path in mapping.candidates() {
        match map_from(&path, mapping.inode, offset, linked, at) {
            Ok(copy) => return Ok(copy),
            // The first path is the likely one, so its failure tells most.
            Err(failed) if matches!(failure, Failure::NotInAFile) => failure = failed,
            Err(_) => {}
        }
    }
    Err(failure)
}

fn map_from(path: &Path, inode: u64, offset: u64, linked: &[u8], at: At) -> Result<Code, Failure> {
    let file = open(path).map_err(|error| Failure::Open { path: path.into(), error })?;
    let metadata = file.metadata().map_err(|error| Failure::Open { path: path.into(), error })?;
    // The device is not compared: on btrfs and overlayfs /proc/self/maps names another than fstat(2) does.
    if !metadata.is_file() || metadata.ino() != inode {
        return Err(Failure::Replaced { path: path.into() });
    }
    if metadata.len() < offset + linked.len() as u64 {
        return Err(Failure::Differs { path: path.into() }); // reading past the end would be SIGBUS
    }
    let copy =
        Code::of_file(&file, offset, linked.len(), at).map_err(|error| Failure::Map { path: path.into(), error })?;
    // SAFETY: mapped readable. The file is our own program, whose text is mapped from it already: who could shorten or
    // change this mapping could do so to that.
    if !unsafe { copy.holds(linked) } {
        return Err(Failure::Differs { path: path.into() });
    }
    Ok(copy)
}

/// Opens without side effects, whatever the path turns out to be: no terminal is acquired, no FIFO waited for.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

/// A line of /proc/self/maps.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    start: usize,
    end: usize,
    offset: u64,
    inode: u64,
    /// As the kernel writes it.
    path: Vec<u8>,
}

impl Mapping {
    /// `start-end perms offset device inode    path`, see `proc_pid_maps(5)`.
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.splitn(6, |&byte| byte == b' ');
        let mut field = || core::str::from_utf8(fields.next()?).ok();
        let (start, end) = field()?.split_once('-')?;
        let _permissions = field()?; // emulators show text as `r--p`
        let offset = field()?;
        let _device = field()?;
        let inode = field()?;
        let path = fields.next().unwrap_or_default();
        Some(Self {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            offset: u64::from_str_radix(offset, 16).ok()?,
            inode: inode.parse().ok()?,
            path: path.trim_ascii_start().to_vec(),
        })
    }

    /// What the path may mean: the kernel writes a newline as `\012` and leaves a backslash as it is.
    fn candidates(&self) -> Vec<PathBuf> {
        let literal = (!self.path.is_empty()).then(|| self.path.clone());
        let unescaped = unescape(&self.path);
        // The program's own file can be opened by this link even when it has been moved or deleted.
        let program = Some(b"/proc/self/exe".to_vec());
        [unescaped, literal, program]
            .into_iter()
            .flatten()
            .map(|path| PathBuf::from(std::ffi::OsString::from_vec(path)))
            .collect()
    }
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

/// What `PROCMAP_QUERY` asks and answers: Linux, include/uapi/linux/fs.h, `struct procmap_query`.
#[repr(C)]
#[derive(Default)]
struct Query {
    bytes: u64,
    flags: u64,
    address: u64,
    start: u64,
    end: u64,
    mapping_flags: u64,
    page_bytes: u64,
    offset: u64,
    inode: u64,
    device: [u32; 2],
    name_bytes: u32,
    build_id_bytes: u32,
    name: u64,
    build_id: u64,
}

/// The mapping that holds `address`, by a question that costs the same however many there are: Linux 6.11. Not under a
/// seccomp filter, which may kill for it.
fn ask(address: usize) -> Option<Mapping> {
    /// `_IOWR('f', 17, struct procmap_query)`, the same number on every processor of this crate.
    const PROCMAP_QUERY: u32 = 0xc068_6611;
    const _: () = assert!(size_of::<Query>() == 0x68);

    if super::extras::is_filtered() {
        return None;
    }
    let maps = File::open("/proc/self/maps").ok()?;
    let mut name = [0_u8; 4 << 10];
    let mut query = Query {
        bytes: size_of::<Query>() as u64,
        address: address as u64,
        name_bytes: u32::try_from(name.len()).ok()?,
        name: name.as_mut_ptr().expose_provenance() as u64,
        ..Query::default()
    };
    #[allow(clippy::cast_lossless, reason = "it is an int in some C libraries")]
    let request = PROCMAP_QUERY as _;
    // SAFETY: of a file in /proc it writes the structure and, of the name, no more than was said to be there. Older systems
    // refuse.
    if unsafe { libc::ioctl(maps.as_raw_fd(), request, &raw mut query) } != 0 {
        return None;
    }
    // The name is the path as it is, with the zero behind it.
    let path = name.get(..usize::try_from(query.name_bytes).ok()?)?.strip_suffix(b"\0")?.to_vec();
    let (start, end) = (usize::try_from(query.start).ok()?, usize::try_from(query.end).ok()?);
    Some(Mapping { start, end, offset: query.offset, inode: query.inode, path })
}

/// The same, by reading the list of mappings.
fn find(address: usize) -> Result<Mapping, Failure> {
    // `self`, not the process's number: /proc may be of another PID namespace.
    let mut maps = File::open("/proc/self/maps").map_err(Failure::ReadMappings)?;
    // Not a `BufReader`: its 8 KiB on the heap may need a mapping (musl), and where there is none std aborts.
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
            match Mapping::parse(whole) {
                Some(mapping) if (mapping.start..mapping.end).contains(&address) => return Ok(mapping),
                _ => line.clear(),
            }
        }
    }
    Err(Failure::NotInAFile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(line: &str) -> Mapping {
        Mapping::parse(line.as_bytes()).expect("a line of /proc/self/maps")
    }

    #[test]
    fn a_line_is_parsed_whatever_its_path_is() {
        let line = "7f1-7f3 r--p 0001f000 fe:01 42                         /a b/c (deleted)";
        let expected =
            Mapping { start: 0x7f1, end: 0x7f3, offset: 0x1f000, inode: 42, path: b"/a b/c (deleted)".to_vec() };
        assert_eq!(mapping(line), expected);
        assert_eq!(mapping("0-1 rw-p 00000000 00:00 0 ").path, b"");
        assert_eq!(mapping("0-1 rw-p 00000000 00:00 0").path, b"");
        assert_eq!(Mapping::parse(b"no line of maps"), None);
        assert_eq!(Mapping::parse(b""), None);
    }

    #[test]
    fn a_path_with_an_escape_is_tried_both_ways() {
        let names = |line| mapping(line).candidates().iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(
            names(r"0-1 r-xp 0 fe:01 1 /x\012y"),
            [r"/x\012y".replace(r"\012", "\n"), r"/x\012y".into(), "/proc/self/exe".into()]
        );
        assert_eq!(names("0-1 r-xp 0 fe:01 1 /x y"), ["/x y", "/proc/self/exe"]);
    }

    #[test]
    fn this_code_is_found_in_this_file() {
        let here = find as *const () as usize;
        let mapping = find(here).expect("this function is mapped from a file");
        assert!((mapping.start..mapping.end).contains(&here));
        let program = std::env::current_exe().expect("the test's own path");
        assert_eq!(program.metadata().expect("it exists").ino(), mapping.inode);
    }

    #[test]
    fn asking_and_reading_agree() {
        let here = find as *const () as usize;
        match ask(here) {
            Some(mapping) => assert_eq!(mapping, find(here).expect("this function is mapped from a file")),
            None => eprintln!("not here: this system has to be read"),
        }
    }

    #[test]
    fn bytes_that_differ_are_refused() {
        let mapping = find(find as *const () as usize).expect("this function is mapped from a file");
        let program = std::env::current_exe().expect("the test's own path");
        let page = vec![0xcc_u8; 4096]; // int3, which no compiler fills a page with
        let offset = mapping.offset;
        assert!(matches!(map_from(&program, mapping.inode, offset, &page, At::ANYWHERE), Err(Failure::Differs { .. })));
        assert!(matches!(
            map_from(&program, mapping.inode + 1, offset, &page, At::ANYWHERE),
            Err(Failure::Replaced { .. })
        ));
        assert!(matches!(
            map_from(&program, mapping.inode, u64::MAX / 2, &page, At::ANYWHERE),
            Err(Failure::Differs { .. })
        ));
        assert!(matches!(map_from(Path::new("/nowhere/at/all"), 0, 0, &page, At::ANYWHERE), Err(Failure::Open { .. })));
    }

    #[test]
    fn a_copy_can_be_put_in_a_place() {
        let linked = crate::map::imp::linked();
        let place = Code::place(linked.len()).expect("an address");
        // SAFETY: the place is ours and that long.
        let at = unsafe { At::over(place.start()) };
        let copy = map(linked, at).expect("a copy");
        assert_eq!(copy.start(), place.start());
        // SAFETY: mapped readable.
        assert!(unsafe { place.holds(linked) });
        drop(copy);
        // SAFETY: the place's owner is who unmaps it.
        assert!(unsafe { place.holds(linked) });
    }
}
