//! The operating system axis: putting copies of a code table beside fresh slots. One file for each system; no other
//! folder knows which one it is compiled for.
//!
//! Every system's module offers the same names:
//!
//! * `SUPPORTED`, whether there is a way at all;
//! * `region(part)`, a new region with copies of that part of the linked tables, by the address of the first copy;
//! * `discard(region)`, its undoing;
//! * `keep(region)`, what can be done for one that stays;
//! * `protect(region, read_only)`, for the slots of one;
//! * `master()`, where the copies come from and what was tried before, `page_bytes()`, `system()`, `features()`, for
//!   reports.
//!
//! What every way has to keep: no page is writable and executable, at once or one after the other, and no byte is run
//! that was not compared with the linked table.

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android", windows)), path = "unsupported.rs")]
mod imp;

#[cfg(all(test, windows))]
pub(crate) use imp::is_writable;
pub(crate) use imp::{SUPPORTED, discard, features, keep, master, page_bytes, protect, region, system};
