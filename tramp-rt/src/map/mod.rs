//! The operating system axis: putting copies of a code table beside fresh slots. One file for each system; no other
//! folder knows which one it is compiled for.
//!
//! Every system's module offers the same names:
//!
//! * `SUPPORTED`, whether there is a way at all;
//! * `region(part)`, a new region with copies of that part of the linked tables, by the address of the first copy;
//! * `discard(region)`, its undoing;
//! * `seal(region)`, what can be done for one that stays;
//! * `protect(region, read_only)`, for the slots of one;
//! * `master()`, where the copies come from and what was tried before, `page_bytes()`, `system()`, `features()`, for
//!   reports.
//!
//! What every way has to keep: no page is writable and executable, at once or one after the other, and no byte is run
//! that was not compared with the linked table.
//!
//! Systems with `mmap(2)` are made of the parts in `unix/`.
//!
//! Knows the linked tables from `arch`, `source` and `error`. It knows no slot, no pool and no table.

// One line for each system.
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "openbsd.rs")]
#[cfg_attr(target_vendor = "apple", path = "apple.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(
    not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        windows
    )),
    path = "none.rs"
)]
mod here;

#[cfg(all(test, windows))]
pub(crate) use self::here::is_writable;
#[allow(unused_imports, reason = "a processor without thunks asks for less")]
pub(crate) use self::here::{SUPPORTED, discard, features, master, page_bytes, protect, region, seal, system};
