//! The last source of tables: a copy in a file without a name.
//!
//! This code creates the file, opens it a second time for reading, and unlinks it before it writes anything. It maps
//! the descriptor that cannot write, so no page of the mapping can ever become writable. A mount with `noexec` refuses
//! the mapping. So the code tries all likely directories.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::code::{At, Code};
use super::linked::Linked;
use crate::source::Failure;
use crate::sync::{AtomicUsize, Ordering};

/// Maps a copy of `contents`, the bytes of `linked`, from a file in the first directory that allows it.
pub(crate) fn map(linked: Linked<'_>, contents: &[u8], at: At) -> Result<Code, Vec<Failure>> {
    let mut failures = Vec::new();
    for directory in directories() {
        match map_in(&directory, linked, contents, at) {
            Ok(code) => return Ok(code),
            Err(failure) => failures.push(failure),
        }
    }
    Err(failures)
}

/// Each directory once. Private directories come before the usual ones.
pub(crate) fn directories() -> Vec<PathBuf> {
    let mut directories = Vec::new();
    for candidate in ["$XDG_RUNTIME_DIR", "$TMPDIR", "/tmp", "/var/tmp", "/dev/shm", "$HOME"] {
        let directory = match candidate.strip_prefix('$') {
            Some(variable) => std::env::var_os(variable),
            None => Some(candidate.into()),
        };
        let directory = PathBuf::from(directory.unwrap_or_default());
        if directory.is_absolute() && !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    directories
}

fn map_in(directory: &Path, linked: Linked<'_>, contents: &[u8], at: At) -> Result<Code, Failure> {
    let file = unnamed(directory, contents).map_err(|error| Failure::Create { path: directory.into(), error })?;
    let code =
        Code::of_file(&file, 0, contents.len(), at).map_err(|error| Failure::Map { path: directory.into(), error })?;
    // SAFETY: mapped readable.
    if unsafe { code.holds(linked) } { Ok(code) } else { Err(Failure::Differs { path: directory.into() }) }
}

/// A file with these contents that has no name and that nobody can write to any more.
fn unnamed(directory: &Path, contents: &[u8]) -> io::Result<File> {
    /// Unlinks the file when it is dropped.
    struct Name(PathBuf);
    impl Drop for Name {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);

    let name = format!(".tramp-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let name = directory.join(name);
    // `O_EXCL`: the file is new, and the path leads through no link. Its owner may read and execute it.
    let mut writer = OpenOptions::new().write(true).create_new(true).mode(0o500).open(&name)?;
    let name = Name(name);
    let reader = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(&name.0)?;
    drop(name);
    let (written, read) = (writer.metadata()?, reader.metadata()?);
    if (written.dev(), written.ino()) != (read.dev(), read.ino()) {
        return Err(io::ErrorKind::AlreadyExists.into()); // another process took the name in between
    }
    writer.write_all(contents)?;
    Ok(reader)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_file_has_its_contents_and_no_name() {
        let directory = std::env::temp_dir().join(format!("tramp-unnamed-{}", std::process::id()));
        fs::create_dir(&directory).expect("a new directory");
        let mut contents = Vec::new();
        let mut file = unnamed(&directory, b"contents").expect("a file");
        file.read_to_end(&mut contents).expect("it can be read");
        assert_eq!(contents, b"contents");
        assert!(file.write(b"no").is_err(), "and not be written");
        assert_eq!(file.metadata().expect("metadata").nlink(), 0);
        fs::remove_dir(&directory).expect("it is empty");
        assert!(matches!(
            map_in(&directory, Linked::tables(0), b"contents", At::anywhere(libc::PROT_READ)),
            Err(Failure::Create { .. })
        ));
    }

    #[test]
    fn a_directory_is_tried_once() {
        let directories = directories();
        assert!(directories.contains(&"/tmp".into()));
        for (index, directory) in directories.iter().enumerate() {
            assert!(directory.is_absolute() && !directories[..index].contains(directory));
        }
    }
}
