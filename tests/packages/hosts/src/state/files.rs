//! The file of the program or library changes while the process runs, or has a path that is easily misread.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{namespaces, seccomp};
use crate::place::{Below, Location, Place, Worker, write_decoy};

pub(super) const PROGRAM: Place = Place::Program(Location::PLAIN);
pub(super) const LIBRARY: Place = Place::Libraries(&[Location::PLAIN]);

// In /proc/self/maps, spaces separate fields, a newline is `\012`, and ` (deleted)` follows the name of a deleted file: see
// proc_pid_maps(5). The decoys have the names that a careless reader gets.
pub(super) const SPACES: Location = Location::named(b"co py  of").with_decoy(b"co");
pub(super) const NEWLINES: Location = Location::named(b"co\npy\n").with_decoy(b"co\\012py\\012");
pub(super) const DELETED_NAME: Location = Location::named(b"copy (deleted)").with_decoy(b"copy");
pub(super) const NOT_UTF8: Location = Location::named(b"co\xff\xfepy");
pub(super) const DEEP: Location = Location::PLAIN.below(Below::Deep);
pub(super) const ON_TMPFS: Location = Location::PLAIN.below(Below::Tmpfs);

fn each(worker: &Worker, act: impl Fn(&Path) -> Result<(), String>) -> Result<(), String> {
    worker.files.iter().try_for_each(|file| act(file))
}

fn said<T>(result: std::io::Result<T>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

pub(super) fn delete(worker: &Worker) -> Result<(), String> {
    each(worker, |file| said(fs::remove_file(file)))
}

pub(super) fn delete_and_deny_memfd(worker: &Worker) -> Result<(), String> {
    delete(worker)?;
    seccomp::deny_memfd(worker)
}

/// Does what an upgrade of the package does.
pub(super) fn replace(worker: &Worker) -> Result<(), String> {
    each(worker, |file| {
        let newer = Path::new("newer");
        write_decoy(newer, file)?;
        said(fs::rename(newer, file))
    })
}

pub(super) fn relocate(worker: &Worker) -> Result<(), String> {
    each(worker, |file| said(fs::rename(file, "elsewhere")))
}

pub(super) fn relocate_and_replace(worker: &Worker) -> Result<(), String> {
    each(worker, |file| {
        said(fs::rename(file, "elsewhere"))?;
        write_decoy(file, Path::new("elsewhere"))
    })
}

/// Mounts another file system over the one of the file. There, a file of the same path has the same inode number. So only the
/// device differs in /proc/self/maps. overlayfs and btrfs show a wrong device.
pub(super) fn same_inode(worker: &Worker) -> Result<(), String> {
    let directory = said(std::env::current_dir())?;
    let inode = said(worker.files[0].metadata())?.ino();
    namespaces::mount_tmpfs(&directory, "mode=0755")?;
    let decoy = directory.join(worker.files[0]); // the relative name still leads to the original
    for attempt in 0..10_000 {
        write_decoy(&decoy, worker.files[0])?;
        if said(decoy.metadata())?.ino() == inode {
            return Ok(());
        }
        said(fs::rename(&decoy, directory.join(attempt.to_string())))?;
    }
    Err("no file of the same inode number could be made".into())
}
