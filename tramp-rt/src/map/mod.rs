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
//!
//! Systems with `mmap(2)` are made of the parts in `unix/`, which they declare as their own children. The parts, in turn,
//! expect of the system that they are a child of:
//!
//! * `SOURCES`, the sources that it has;
//! * `map(source, linked, at)`, a mapping of linked bytes from one of them, compared;
//! * `duplicate(source, from, bytes, to)`, mapped code once more, in the place of what is at `to`; unless `unix/again.rs`
//!   offers it, which is for systems that cannot;
//! * `linked_bytes()`, those of the linked tables, and `protection()`, that of mapped code.

// One line for each system. What has none is `imp.rs`.
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "openbsd.rs")]
#[cfg_attr(target_vendor = "apple", path = "apple.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod imp;

#[cfg(all(test, windows))]
pub(crate) use imp::is_writable;
#[allow(unused_imports, reason = "a processor without thunks asks for less")]
pub(crate) use imp::{SUPPORTED, discard, features, keep, master, page_bytes, protect, region, system};
