//! The operating system axis: this layer puts copies of the code tables beside fresh slots. Each system has one file.
//! No other folder knows which system it is compiled for.
//!
//! Every system's module offers the same names:
//!
//! * `SUPPORTED`: whether the system can map tables at all;
//! * `region(part)`: makes a new region with copies of this part of the linked tables. It returns the address of the first
//!   copy, and whether the region has only that one yet;
//! * `copy(part, to)`: makes and seals one more copy in such a region;
//! * `discard(region)`: unmaps a region;
//! * `seal(region, copies)`: protects a region that stays, as far as the system can;
//! * `protect(region, read_only)`: changes the protection of a region's slots;
//! * `master()`: where the copies come from and what was tried before; `page_bytes()`, `system()` and `features()`:
//!   what reports say of the system.
//!
//! Every system keeps two promises. No page is ever writable and executable, neither at the same time nor one after the
//! other. No byte runs that was not compared with the thunks as they were assembled.
//!
//! Systems with `mmap(2)` consist of the parts in `unix/`.
//!
//! This layer knows the linked tables from `arch`, `source` and `error`. It knows no slot, no pool and no table.

mod copies;

pub(crate) use self::copies::Copies;

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
pub(crate) use self::here::{SUPPORTED, copy, discard, features, master, page_bytes, protect, region, seal, system};
