//! The parts for systems with `mmap(2)`. Each system has this folder as its child. No part knows which system it is.
//! [`System`] is what a part needs from the system.

pub(super) mod code;
pub(super) mod linked;
pub(super) mod master;
pub(super) mod page;
pub(super) mod region;
mod system;
pub(super) mod version;

// Apple's systems map no file.
#[cfg(not(target_vendor = "apple"))]
pub(super) mod own_file;
#[cfg(not(target_vendor = "apple"))]
pub(super) mod temporary;

// Linux does not use these, but tests them.
#[cfg(any(target_os = "freebsd", target_os = "netbsd", target_os = "openbsd", test))]
pub(super) mod loaded;
#[cfg(any(target_os = "freebsd", target_os = "netbsd", test))]
pub(super) mod readable;
#[cfg(any(target_os = "freebsd", target_os = "netbsd", test))]
pub(super) mod records;
#[cfg(any(target_os = "freebsd", target_os = "netbsd"))]
pub(super) mod sysctl;

pub(super) use self::system::System;
