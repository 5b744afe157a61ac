//! The parts that systems with `mmap(2)` are made of. Each system has this folder as its child; no part knows which one.
//! What a part wants of it is [`System`].

pub(super) mod code;
pub(super) mod linked;
pub(super) mod master;
pub(super) mod page;
pub(super) mod region;
mod system;
pub(super) mod version;

// Of Apple's systems no file is mapped.
#[cfg(not(target_vendor = "apple"))]
pub(super) mod own_file;
#[cfg(not(target_vendor = "apple"))]
pub(super) mod temporary;

// What is of no use to Linux is tested there all the same.
#[cfg(any(target_os = "freebsd", target_os = "netbsd", target_os = "openbsd", test))]
pub(super) mod loaded;
#[cfg(any(target_os = "freebsd", target_os = "netbsd", test))]
pub(super) mod readable;
#[cfg(any(target_os = "freebsd", target_os = "netbsd", test))]
pub(super) mod records;
#[cfg(any(target_os = "freebsd", target_os = "netbsd"))]
pub(super) mod sysctl;

pub(super) use self::system::System;
