//! What a process can forbid for its memory.

use std::fs;

use super::{namespaces, seccomp};
use crate::place::Worker;
use crate::system::ok;

/// No page becomes executable later: see `PR_SET_MDWE(2const)`, Linux 6.3.
pub(super) fn deny_write_execute(_: &Worker) -> Result<(), String> {
    const PR_SET_MDWE: i32 = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: u64 = 1;
    // SAFETY: restricts this process.
    ok("PR_SET_MDWE", unsafe { libc::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0_u64, 0_u64, 0_u64) }).map(drop)
}

pub(super) fn lock_all(_: &Worker) -> Result<(), String> {
    // SAFETY: changes when memory is paged, not what is in it.
    ok("mlockall(2)", unsafe { libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE) }).map(drop)
}

/// A mapping of this process: start, end, permissions.
fn mappings_of_text() -> Result<Vec<(usize, usize)>, String> {
    let maps = fs::read_to_string("/proc/self/maps").map_err(|error| error.to_string())?;
    let text = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let parse = |address| usize::from_str_radix(address, 16).ok();
        (rest.starts_with("r-x") && rest.contains(" /")).then_some((parse(start)?, parse(end)?))
    };
    Ok(maps.lines().filter_map(text).collect())
}

/// No mapping of code can be changed, moved or unmapped any more: see `mseal(2)`, Linux 6.10. C libraries may do this at the
/// start of a program.
pub(super) fn seal_text(_: &Worker) -> Result<(), String> {
    const SYS_MSEAL: i64 = 462; // the same on every processor
    for (start, end) in mappings_of_text()? {
        // SAFETY: nothing here changes its code.
        ok("mseal(2)", unsafe { libc::syscall(SYS_MSEAL, start, end - start, 0) })?;
    }
    Ok(())
}

pub(super) fn seal_text_without_proc(worker: &Worker) -> Result<(), String> {
    seal_text(worker)?;
    namespaces::no_proc(worker)
}

pub(super) fn seal_text_without_proc_and_memfd(worker: &Worker) -> Result<(), String> {
    seal_text_without_proc(worker)?;
    seccomp::deny_memfd(worker)
}

/// Code has only `PROT_EXEC`. On x86 the kernel uses a memory protection key for this, if the processor has them. On aarch64 page
/// tables can express it (EPAN). Elsewhere the page stays readable, and this machine cannot enter the state.
pub(super) fn execute_only(_: &Worker) -> Result<(), String> {
    let maps = mappings_of_text()?;
    if !probe_execute_only()? {
        return Err("this processor cannot run what it cannot read".into());
    }
    for (start, end) in maps {
        // SAFETY: code that is run can still be run; that it is not read is what is tried.
        ok("mprotect(2)", unsafe { libc::mprotect(start as *mut _, end - start, libc::PROT_EXEC) })?;
    }
    Ok(())
}

/// Whether a page that is only executable cannot be read. The kernel is asked to read it, and fails, too.
fn probe_execute_only() -> Result<bool, String> {
    let (private, mut pipe) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, [0; 2]);
    // SAFETY: a new page, written from and unmapped; new descriptors, closed again.
    unsafe {
        let page = libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_EXEC, private, -1, 0);
        ok("pipe(2)", libc::pipe(pipe.as_mut_ptr()))?;
        let written = libc::write(pipe[1], page, 1);
        libc::munmap(page, 4096);
        libc::close(pipe[0]);
        libc::close(pipe[1]);
        Ok(written != 1)
    }
}
