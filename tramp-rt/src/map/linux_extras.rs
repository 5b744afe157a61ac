//! What a region is given beyond what it needs, where the system has it; and what else the system has, for reports.
//!
//! A seccomp filter may kill a process for a call that it does not know, and these are calls that few filters know. So
//! they are only made where there is [no filter](is_filtered).

use std::fmt::Write;
use std::{fs, io};

use super::temporary;
use crate::arch;
use crate::diagnostics::Feature;

/// The same number on every processor of this crate (asm-generic/unistd.h): Linux 6.10, 64-bit only.
const SYS_MSEAL: libc::c_long = 462;
const PR_SET_VMA: libc::c_int = 0x5356_4d41;
const PR_SET_VMA_ANON_NAME: libc::c_ulong = 0;
const PR_GET_MDWE: libc::c_int = 66;
const PR_GET_SHADOW_STACK_STATUS: libc::c_int = 74;

/// Forbids to unmap, move, replace or reprotect these pages from now on.
pub(super) fn seal(start: *mut u8, bytes: usize) {
    // SAFETY: the pages are never unmapped nor changed. Old kernels refuse, and nothing depends on it.
    let _ = unsafe { libc::syscall(SYS_MSEAL, start, bytes, 0 as libc::c_ulong) };
}

/// Gives anonymous pages a name in /proc/self/maps.
pub(super) fn name(start: *mut u8, bytes: usize) {
    let name = c"tramp slots".as_ptr();
    // SAFETY: changes a name. Kernels without such names refuse.
    let _ = unsafe { libc::prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, bytes, name) };
}

/// Whether a seccomp filter is in force, or that cannot be said.
pub(super) fn is_filtered() -> bool {
    // SAFETY: asks for a number. Filters know prctl(2), which every thread is named by.
    unsafe { libc::prctl(libc::PR_GET_SECCOMP) != 0 }
}

/// The kernel's version.
pub(crate) fn system() -> String {
    match fs::read_to_string("/proc/sys/kernel/osrelease") {
        Ok(release) => format!("Linux {}", release.trim_end()),
        Err(_) => "Linux".into(),
    }
}

/// What of the system matters to mapped tables.
pub(crate) fn features() -> Vec<Feature> {
    let feature = |name, state: String| Feature { name, state };
    vec![
        feature("seccomp filter", if is_filtered() { "in force" } else { "none" }.into()),
        feature("MDWE", memory_deny_write_execute()),
        feature("mseal", mseal()),
        feature("landing pads", landing_pads().into()),
        feature("shadow stack", shadow_stack().into()),
        feature("noexec directories", noexec_directories()),
        feature("vm.memfd_noexec", setting("vm/memfd_noexec")),
        feature("mappings", mappings()),
    ]
}

fn memory_deny_write_execute() -> String {
    let none = 0 as libc::c_ulong;
    // SAFETY: asks for a number; the other arguments have to be 0.
    match unsafe { libc::prctl(PR_GET_MDWE, none, none, none, none) } {
        0 => "off".into(),
        1.. => "on".into(),
        _ => io::Error::last_os_error().to_string(),
    }
}

fn mseal() -> String {
    if is_filtered() {
        return "not tried under a filter".into();
    }
    let (nothing, none) = (core::ptr::null_mut::<u8>(), 0 as libc::c_ulong);
    // SAFETY: seals no bytes.
    match unsafe { libc::syscall(SYS_MSEAL, nothing, 0_usize, none) } {
        0 => "yes".into(),
        _ => io::Error::last_os_error().to_string(),
    }
}

fn landing_pads() -> &'static str {
    match arch::LANDING_PADS {
        None => "not checked on this processor",
        Some(_) if super::code::landing_pads() == 0 => "not checked by this system",
        Some(_) => "checked",
    }
}

fn shadow_stack() -> &'static str {
    let mut status = 0_u64;
    let none = 0 as libc::c_ulong;
    // SAFETY: writes one word.
    let asked = unsafe { libc::prctl(PR_GET_SHADOW_STACK_STATUS, &raw mut status, none, none, none) };
    // x86 says it nowhere but here and by a call of its own.
    let features = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_listed = features.lines().any(|line| line.contains("_Thread_features:") && line.contains("shstk"));
    if is_listed || (asked == 0 && status & 1 != 0) { "on" } else { "off" }
}

fn noexec_directories() -> String {
    let mut list = String::new();
    for directory in temporary::directories() {
        if temporary::is_noexec(&directory) {
            let _ = write!(list, "{}{}", if list.is_empty() { "" } else { " " }, directory.display());
        }
    }
    if list.is_empty() { "none".into() } else { list }
}

fn mappings() -> String {
    let count = fs::read("/proc/self/maps").map(|maps| maps.split(|&byte| byte == b'\n').count() - 1);
    match count {
        Ok(count) => format!("{count} of at most {}", setting("vm/max_map_count")),
        Err(error) => error.to_string(),
    }
}

fn setting(name: &str) -> String {
    match fs::read_to_string(format!("/proc/sys/{name}")) {
        Ok(value) => value.trim_end().into(),
        Err(error) => error.to_string(),
    }
}
