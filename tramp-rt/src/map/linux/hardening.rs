//! What a region gets beyond what it needs, where the system can do it, and what else reports say of the system.
//!
//! A seccomp filter may kill a process for a call that it does not know, and few filters know these calls. So the code
//! makes them only where there is [no filter](is_filtered).

use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std::ffi::CString;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::{fs, io};

use super::leak_sanitizer;
use super::unix::temporary;
use crate::arch;
use crate::map::Copies;
use crate::report::Feature;

/// The number is the same on every processor of this crate (asm-generic/unistd.h): Linux 6.10, 64-bit only.
const SYS_MSEAL: libc::c_long = 462;
const PR_SET_VMA: libc::c_int = 0x5356_4d41;
const PR_SET_VMA_ANON_NAME: libc::c_ulong = 0;
const PR_GET_MDWE: libc::c_int = 66;
const PR_GET_SHADOW_STACK_STATUS: libc::c_int = 74;

/// The protection of code. It includes the bits that make the processor check its landing pads, where the processor
/// can.
pub(super) fn protection() -> libc::c_int {
    libc::PROT_READ | libc::PROT_EXEC | landing_pad_bits()
}

fn landing_pad_bits() -> libc::c_int {
    let Some(arch::LandingPads { capability, protection }) = arch::LANDING_PADS else { return 0 };
    // SAFETY: only returns a number.
    let capabilities = usize::try_from(unsafe { libc::getauxval(libc::AT_HWCAP2) }).unwrap_or(0);
    if capabilities & capability == 0 { 0 } else { protection }
}

/// Protects a region that stays, as far as the system can. It seals the copies, names the slots and lets `LeakSanitizer`
/// search them.
pub(crate) fn seal(code: NonNull<u8>, copies: Copies) {
    leak_sanitizer::search(code.as_ptr().wrapping_add(arch::DISTANCE), arch::DISTANCE);
    if !is_filtered() {
        let bytes = match copies {
            Copies::First => arch::COPY_BYTES,
            Copies::All => arch::DISTANCE,
        };
        make_immutable(code.as_ptr(), bytes);
        name(code.as_ptr().wrapping_add(arch::DISTANCE), arch::DISTANCE);
    }
}

/// Seals one more copy of such a region.
pub(super) fn seal_copy(code: NonNull<u8>) {
    if !is_filtered() {
        make_immutable(code.as_ptr(), arch::COPY_BYTES);
    }
}

/// Forbids the process to unmap, move, replace or reprotect these pages from now on.
fn make_immutable(start: *mut u8, bytes: usize) {
    // SAFETY: the pages are never unmapped or changed. Old kernels refuse, and nothing depends on the call.
    let _ = unsafe { libc::syscall(SYS_MSEAL, start, bytes, 0 as libc::c_ulong) };
}

/// Gives anonymous pages a name in /proc/self/maps.
fn name(start: *mut u8, bytes: usize) {
    let name = c"tramp slots".as_ptr();
    // SAFETY: changes only a name. Kernels without such names refuse.
    let _ = unsafe { libc::prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, bytes, name) };
}

/// Whether a seccomp filter is in force, or whether the kernel does not say.
pub(super) fn is_filtered() -> bool {
    // SAFETY: only returns a number. Every filter allows prctl(2), because it names threads.
    unsafe { libc::prctl(libc::PR_GET_SECCOMP) != 0 }
}

/// What in the system matters to mapped tables.
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
    // SAFETY: only returns a number. The other arguments have to be 0.
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
        Some(_) if landing_pad_bits() == 0 => "not checked by this system",
        Some(_) => "checked",
    }
}

fn shadow_stack() -> &'static str {
    let mut status = 0_u64;
    let none = 0 as libc::c_ulong;
    // SAFETY: writes one word.
    let asked = unsafe { libc::prctl(PR_GET_SHADOW_STACK_STATUS, &raw mut status, none, none, none) };
    // On x86 the only other way to find out is a call that x86 alone has.
    let features = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_listed = features.lines().any(|line| line.contains("_Thread_features:") && line.contains("shstk"));
    if is_listed || (asked == 0 && status & 1 != 0) { "on" } else { "off" }
}

fn noexec_directories() -> String {
    let mut list = String::new();
    for directory in temporary::directories() {
        if is_noexec(&directory) {
            let _ = write!(list, "{}{}", if list.is_empty() { "" } else { " " }, directory.display());
        }
    }
    if list.is_empty() { "none".into() } else { list }
}

/// Whether nothing in a directory can be mapped executable.
fn is_noexec(directory: &Path) -> bool {
    let Ok(path) = CString::new(directory.as_os_str().as_bytes()) else { return false };
    let mut about = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends in a zero.
    if unsafe { libc::statvfs(path.as_ptr(), about.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: the call has filled it in.
    unsafe { about.assume_init() }.f_flag & libc::ST_NOEXEC != 0
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

#[cfg(test)]
mod tests {
    use super::super::unix::code::{At, Code};
    use super::*;
    use std::fs::File;

    #[test]
    fn landing_pads_are_checked_where_the_processor_can() {
        let name = "landing_pads_are_checked_where_the_processor_can";
        if landing_pad_bits() == 0 || std::env::var_os("TRAMP_TEST_RUNNER").is_some() {
            println!("{name}: skipped, there is no such processor, or an emulator says what its kernel knows");
            return;
        }
        let program = File::open("/proc/self/exe").expect("this program");
        let code = Code::of_file(&program, 0, arch::PAGE_BYTES, At::anywhere(protection())).expect("a mapping");
        let smaps = std::fs::read_to_string("/proc/self/smaps").expect("/proc");
        let start = format!("{:x}-", code.start().addr());
        let mut of_code = smaps.lines().skip_while(|line| !line.starts_with(&start));
        // The flag `bt`: Linux, Documentation/filesystems/proc.rst.
        let flags = of_code.find(|line| line.starts_with("VmFlags:")).expect("flags");
        assert!(flags.split_whitespace().any(|flag| flag == "bt"), "{flags}");
    }
}
