//! Where the code under test is: in this program, in a copy of it at a special path, or in a library.

use std::env;
use std::ffi::{CStr, OsStr, c_int};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::state::{State, namespaces};
use crate::subject::Subject;
use crate::system::c_string;
use crate::workload::{self, Phase};

/// Where the code under test is.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// In this program, where it was built.
    Here,
    /// In this program, linked in another way.
    Linked(&'static str),
    /// In a copy of this program.
    Program(Location),
    /// In copies of the library, all loaded into this program.
    Libraries(&'static [Location]),
}

/// The path of a copy.
#[derive(Debug, Clone, Copy)]
pub struct Location {
    pub name: &'static [u8],
    /// A file that a careless reader of /proc/self/maps takes for the copy.
    pub decoy: Option<&'static [u8]>,
    pub below: Below,
}

/// The directory of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    Scratch,
    /// A directory so deep that the path is longer than `PATH_MAX`.
    Deep,
    /// A new file system.
    Tmpfs,
}

impl Location {
    pub const PLAIN: Self = Self::named(b"copy");

    pub const fn named(name: &'static [u8]) -> Self {
        Self { name, decoy: None, below: Below::Scratch }
    }

    pub const fn with_decoy(self, decoy: &'static [u8]) -> Self {
        Self { decoy: Some(decoy), ..self }
    }

    pub const fn below(self, below: Below) -> Self {
        Self { below, ..self }
    }

    /// The copy's name in the working directory.
    pub fn file(&self) -> &'static Path {
        Path::new(OsStr::from_bytes(self.name))
    }

    /// Makes a copy and changes into its directory.
    fn copy(&self, original: &Path, scratch: &Path) -> Result<(), String> {
        let failed = |error| format!("{}: {error}", original.display());
        env::set_current_dir(scratch).map_err(failed)?;
        match self.below {
            Below::Scratch => {}
            Below::Deep => {
                // The path is too long for a single call.
                let directory = "d".repeat(200);
                for _ in 0..25 {
                    fs::create_dir(&directory).and_then(|()| env::set_current_dir(&directory)).map_err(failed)?;
                }
            }
            Below::Tmpfs => {
                namespaces::own_mounts()?;
                fs::create_dir("fs").map_err(failed)?;
                namespaces::mount_tmpfs(Path::new("fs"), "mode=0755")?;
                env::set_current_dir("fs").map_err(failed)?;
            }
        }
        fs::copy(original, self.file()).map_err(failed)?;
        if let Some(decoy) = self.decoy {
            write_decoy(Path::new(OsStr::from_bytes(decoy)), self.file())?;
        }
        Ok(())
    }
}

/// Writes a file as long as `original` that nobody should map or run. On x86 it is full of `int3`.
pub fn write_decoy(decoy: &Path, original: &Path) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", decoy.display());
    let bytes = usize::try_from(original.metadata().map_err(failed)?.size()).expect("a size");
    fs::write(decoy, vec![0xcc; bytes]).map_err(failed)
}

/// The code under test, in its place.
#[derive(Debug)]
pub struct Worker {
    work: Vec<extern "C" fn(u32, u32) -> u32>,
    /// The files that contain it, in the working directory.
    pub files: Vec<&'static Path>,
}

/// Tells the next program that it already is in its place.
const PLACED: &str = "HOSTS_PLACED";
/// The directory of the other programs and the library.
pub const PROGRAMS: &str = "HOSTS_PROGRAMS";

impl Worker {
    /// Brings the code to the state's place. This may start the program of this process again.
    pub fn placed(state: &State, scratch: &Path) -> Result<Self, String> {
        let placed = env::var_os(PLACED).is_some();
        let programs = PathBuf::from(env::var_os(PROGRAMS).unwrap_or_default());
        match state.place {
            Place::Here => Ok(Self::here(Vec::new())),
            Place::Linked(_) if placed => Ok(Self::here(Vec::new())),
            Place::Linked(program) => Err(become_program(&programs.join(program))),
            Place::Program(location) if placed => Ok(Self::here(vec![location.file()])),
            Place::Program(location) => {
                let this = env::current_exe().map_err(|error| error.to_string())?;
                location.copy(&this, scratch)?;
                Err(become_program(&Path::new(".").join(location.file())))
            }
            Place::Libraries(locations) => {
                let library = programs.join("libhosts_library.so");
                let mut worker = Self { work: Vec::new(), files: Vec::new() };
                for location in locations {
                    location.copy(&library, scratch)?;
                    worker.work.push(load(&Path::new(".").join(location.file()))?);
                    worker.files.push(location.file());
                }
                Ok(worker)
            }
        }
    }

    fn here(files: Vec<&'static Path>) -> Self {
        extern "C" fn work(subject: u32, phase: u32) -> u32 {
            workload::work(subject, phase)
        }
        Self { work: vec![work], files }
    }

    /// Does a part of the work. The error is the process's exit status.
    pub fn work(&self, subject: Subject, phase: Phase) -> Result<(), i32> {
        for work in &self.work {
            match work(subject as u32, phase as u32) {
                0 => {}
                status => return Err(status.cast_signed()),
            }
        }
        Ok(())
    }
}

/// Starts another program with the same arguments. Returns why it could not.
fn become_program(program: &Path) -> String {
    let error = Command::new(program).args(env::args_os().skip(1)).env(PLACED, "1").exec();
    format!("{}: {error}", program.display())
}

fn load(library: &Path) -> Result<extern "C" fn(u32, u32) -> u32, String> {
    const FLAGS: c_int = libc::RTLD_NOW | libc::RTLD_LOCAL;
    // SAFETY: our library's constructors are those of Rust's runtime.
    let handle = unsafe { libc::dlopen(c_string(library).as_ptr(), FLAGS) };
    if handle.is_null() {
        // SAFETY: a message, as dlopen(3) failed.
        return Err(unsafe { CStr::from_ptr(libc::dlerror()) }.to_string_lossy().into_owned());
    }
    // SAFETY: an open library and a name.
    let work = unsafe { libc::dlsym(handle, c"hosts_work".as_ptr()) };
    assert!(!work.is_null(), "the library has no `hosts_work`");
    // SAFETY: the library is never closed, and defines it with this signature.
    Ok(unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn(u32, u32) -> u32>(work) })
}
