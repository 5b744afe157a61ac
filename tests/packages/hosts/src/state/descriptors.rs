//! All descriptors are used up, or all belong to other files now.

use std::fs::File;
use std::os::fd::IntoRawFd;

use crate::place::Worker;
use crate::system::ok;

/// Every attempt to open a file fails with EMFILE.
pub(super) fn none(_: &Worker) -> Result<(), String> {
    let limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads the limits.
    ok("setrlimit(2)", unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) })?;
    match File::open("/") {
        Ok(_) => Err("the limit is not felt".into()),
        Err(_) => Ok(()),
    }
}

/// Does what some daemons do: closes all descriptors that it does not know, and then opens other files.
pub(super) fn reused(_: &Worker) -> Result<(), String> {
    const FIRST: u32 = 3;
    let scratch = std::env::args_os().next_back().unwrap_or_default();
    let other = std::path::Path::new(&scratch).join("other");
    std::fs::write(&other, vec![0xcc; 4 << 20]).map_err(|error| error.to_string())?;
    // SAFETY: nothing here uses a descriptor above the standard ones.
    ok("close_range(2)", unsafe { libc::syscall(libc::SYS_close_range, FIRST, u32::MAX, 0) })?;
    loop {
        let descriptor = File::open(&other).map_err(|error| error.to_string())?.into_raw_fd();
        if descriptor >= 64 {
            return Ok(());
        }
    }
}
