//! The control does everything that a state may forbid. If it works in a state, the state does not forbid anything.

use std::fs::File;
use std::io;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::subject::{Callback, Owner, Why};

/// It runs no closure. Every call returns a number that most closures would not return.
pub struct Naive;

impl Owner for Naive {
    fn create(_: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Result<Self, Why> {
        static DONE: AtomicBool = AtomicBool::new(false);
        if !DONE.swap(true, Ordering::Relaxed) {
            demand_everything().map_err(|error| error.to_string())?;
        }
        Ok(Self)
    }

    fn callback(&self) -> Callback {
        unsafe extern "C" fn wrong(_: u64) -> u64 {
            u64::MAX
        }
        wrong
    }
}

/// Reads the list of mappings, makes a file in memory and keeps it, and maps a page writable and executable.
fn demand_everything() -> io::Result<()> {
    drop(File::open("/proc/self/maps")?);
    // SAFETY: a name.
    let memfd = unsafe { libc::memfd_create(c"naive".as_ptr(), libc::MFD_CLOEXEC) };
    if memfd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: new, and ours.
    std::mem::forget(unsafe { File::from_raw_fd(memfd) });
    let protection = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    let (flags, null) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, std::ptr::null_mut());
    // SAFETY: a new mapping.
    let page = unsafe { libc::mmap(null, 4096, protection, flags, -1, 0) };
    if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}
