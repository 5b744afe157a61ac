//! The file that this code was loaded from.
//!
//! A list of mappings gives only a hint. Since the mapping was made, the file may have been replaced, deleted or hidden
//! by another mount. So the opened file has to have the same inode, if the list has it. And the mapped thunks have to be
//! those that were assembled, before any of them runs.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::code::{At, Code};
use super::linked::Linked;
use crate::source::Failure;

/// A mapping of a file, as the system lists it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The offset of `start` in the file.
    pub(crate) offset: u64,
    pub(crate) inode: Option<u64>,
    /// The possible paths of the file, the most likely one first.
    pub(crate) paths: Vec<PathBuf>,
}

/// The inode of anonymous memory: `proc_pid_maps(5)`. Some programs move their text there to have large pages, and
/// Android loads libraries there that were linked for smaller pages.
const NO_FILE: u64 = 0;

/// Maps the bytes of `linked`, which lie in `mapping`, again from their file, shared, readable and executable.
pub(crate) fn map(mapping: &Mapping, linked: Linked<'_>, at: At) -> Result<Code, Failure> {
    if mapping.inode == Some(NO_FILE) {
        return Err(Failure::NotInAFile); // a path of such a mapping is only a name for memory
    }
    let offset = mapping.offset + (linked.address() - mapping.start) as u64;
    let mut failure = Failure::NotInAFile;
    for path in &mapping.paths {
        match map_from(path, mapping.inode, offset, linked, at) {
            Ok(copy) => return Ok(copy),
            // The first path is the most likely one, so its failure says most.
            Err(failed) if matches!(failure, Failure::NotInAFile) => failure = failed,
            Err(_) => {}
        }
    }
    Err(failure)
}

fn map_from(path: &Path, inode: Option<u64>, offset: u64, linked: Linked<'_>, at: At) -> Result<Code, Failure> {
    let file = open(path).map_err(|error| Failure::Open { path: path.into(), error })?;
    let metadata = file.metadata().map_err(|error| Failure::Open { path: path.into(), error })?;
    // The device is not compared. On btrfs and overlayfs, /proc/self/maps and fstat(2) give different devices.
    if !metadata.is_file() || inode.is_some_and(|inode| inode != metadata.ino()) {
        return Err(Failure::Replaced { path: path.into() });
    }
    if metadata.len() < offset.saturating_add(linked.bytes() as u64) {
        return Err(Failure::Differs { path: path.into() }); // reading past the end would be a SIGBUS
    }
    let copy =
        Code::of_file(&file, offset, linked.bytes(), at).map_err(|error| Failure::Map { path: path.into(), error })?;
    // SAFETY: mapped readable. The file is this program, whose text is mapped from it already. Anyone who could shorten
    // or change this mapping could do so with the text.
    if !unsafe { copy.holds(linked) } {
        return Err(Failure::Differs { path: path.into() });
    }
    Ok(copy)
}

/// Opens a path without side effects, whatever the path leads to: it acquires no terminal and waits for no FIFO.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(all(test, target_os = "linux"))] // of whose files and mappings the tests know
mod tests {
    use super::*;
    use crate::map::here::{find, protection};

    #[test]
    fn bytes_that_differ_are_refused() {
        let Mapping { offset, inode, .. } = find(map as *const () as usize).expect("mapped from a file");
        let program = std::env::current_exe().expect("the test's own path");
        let table = Linked::tables(0);
        assert!(matches!(
            map_from(&program, inode, offset, table, At::anywhere(protection())),
            Err(Failure::Differs { .. })
        ));
        assert!(matches!(
            map_from(&program, None, offset, table, At::anywhere(protection())),
            Err(Failure::Differs { .. })
        ));
        assert!(matches!(
            map_from(&program, Some(0), offset, table, At::anywhere(protection())),
            Err(Failure::Replaced { .. })
        ));
        assert!(matches!(
            map_from(&program, inode, u64::MAX, table, At::anywhere(protection())),
            Err(Failure::Differs { .. })
        ));
        assert!(matches!(
            map_from(Path::new("/nowhere/at/all"), Some(0), 0, table, At::anywhere(protection())),
            Err(Failure::Open { .. })
        ));
        assert!(matches!(
            map_from(Path::new("/"), None, 0, table, At::anywhere(protection())),
            Err(Failure::Replaced { .. })
        ));
    }

    #[test]
    fn the_first_paths_failure_is_told_and_the_others_are_tried() {
        let linked = Linked::tables(0);
        let mut mapping = find(linked.address()).expect("mapped from a file");
        let programs = std::mem::replace(&mut mapping.paths, vec!["/nowhere/at/all".into(), "/".into()]);
        assert!(
            matches!(map(&mapping, linked, At::anywhere(protection())), Err(Failure::Open { path, .. }) if path.ends_with("all"))
        );
        mapping.paths.extend(programs);
        assert!(map(&mapping, linked, At::anywhere(protection())).is_ok());
        mapping.inode = Some(NO_FILE);
        assert!(matches!(map(&mapping, linked, At::anywhere(protection())), Err(Failure::NotInAFile)));
        mapping.inode = None;
        mapping.paths.clear();
        assert!(matches!(map(&mapping, linked, At::anywhere(protection())), Err(Failure::NotInAFile)));
    }

    #[test]
    fn a_copy_can_be_put_in_a_place() {
        let linked = Linked::tables(0);
        let place = Code::place(linked.bytes()).expect("an address");
        // SAFETY: `place` owns the place, which has this length.
        let at = unsafe { At::over(place.start(), 1, protection()) };
        let copy = map(&find(linked.address()).expect("mapped from a file"), linked, at).expect("a copy");
        assert_eq!(copy.start(), place.start());
        // SAFETY: mapped readable.
        assert!(unsafe { place.holds(linked) });
        drop(copy);
        // SAFETY: the owner of the place unmaps it.
        assert!(unsafe { place.holds(linked) });
    }
}
