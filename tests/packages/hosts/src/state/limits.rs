//! Limits on memory that leave room for what the work needs, and not for much more.

use std::fs;

use crate::place::Worker;
use crate::system::ok;

/// Enough for 20,000 closures and their owners. libffi's closures take one page for every 128.
const ROOM_BYTES: u64 = 24 << 20;

pub(super) fn address_space(_: &Worker) -> Result<(), String> {
    set(libc::RLIMIT_AS, "VmSize:", ROOM_BYTES)
}

pub(super) fn data(_: &Worker) -> Result<(), String> {
    set(libc::RLIMIT_DATA, "VmData:", ROOM_BYTES)
}

/// Sets a limit that is `room` bytes above what /proc/self/status says in `field`.
pub(super) fn set(resource: libc::__rlimit_resource_t, field: &str, room: u64) -> Result<(), String> {
    let status = fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or(format!("no {field}"))?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().map_err(|error| format!("{field} {error}"))?;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes the limits.
    ok("getrlimit(2)", unsafe { libc::getrlimit(resource, &raw mut limit) })?;
    limit.rlim_cur = kibibytes * 1024 + room;
    // SAFETY: reads the limits.
    ok("setrlimit(2)", unsafe { libc::setrlimit(resource, &raw const limit) }).map(drop)
}

/// Lifts a limit that [`set`] set.
pub(super) fn lift(resource: libc::__rlimit_resource_t) -> Result<(), String> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes the limits.
    ok("getrlimit(2)", unsafe { libc::getrlimit(resource, &raw mut limit) })?;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: reads the limits.
    ok("setrlimit(2)", unsafe { libc::setrlimit(resource, &raw const limit) }).map(drop)
}
