//! The memory of a process, as the kernel counts it (`proc_pid_statm(5)`, `proc_pid_maps(5)`, `proc_pid_smaps(5)`).

use std::fs;
use std::os::fd::AsRawFd;
use std::path::Path;

/// The bytes of this process that are in memory.
pub fn resident_bytes() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("/proc/self/statm");
    let pages: f64 = statm.split_whitespace().nth(1).expect("a second field").parse().expect("a number");
    // SAFETY: the function returns a number.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64
}

/// The number of this process's mappings.
pub fn mappings() -> f64 {
    fs::read_to_string("/proc/self/maps").expect("/proc/self/maps").lines().count() as f64
}

/// The bytes that another process has mapped from a file.
pub struct FileMemory {
    /// In memory, even if the process did not use them: the kernel also maps the pages around a page that was used.
    pub resident: f64,
    /// Used since [`forget_references`].
    pub referenced: f64,
}

impl FileMemory {
    pub fn of(process: u32, file: &Path) -> Self {
        let smaps = fs::read_to_string(format!("/proc/{process}/smaps")).expect("the process's smaps");
        let file = file.display().to_string();
        let mut memory = Self { resident: 0.0, referenced: 0.0 };
        let mut of_file = false;
        for line in smaps.lines() {
            let mut words = line.split_whitespace();
            let field = words.next().unwrap_or_default();
            if !field.ends_with(':') {
                of_file = line.ends_with(&file); // `start-end perms offset device inode path`
                continue;
            }
            let bytes = |mut words: std::str::SplitWhitespace<'_>| {
                let kibibytes: f64 = words.next().and_then(|number| number.parse().ok()).expect("a number");
                kibibytes * 1024.0
            };
            match field {
                "Rss:" if of_file => memory.resident += bytes(words),
                "Referenced:" if of_file => memory.referenced += bytes(words),
                _ => {}
            }
        }
        memory
    }
}

/// Makes the kernel forget which pages a process has used.
pub fn forget_references(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "1").expect("the process's clear_refs");
}

/// Removes a file from memory, so that it comes back page by page. A linker leaves it there in larger pieces.
pub fn evict(path: &Path) {
    let file = fs::File::open(path).expect("the file");
    file.sync_all().expect("the file is written");
    // SAFETY: the call gives a hint about an open file.
    let result = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    assert_eq!(result, 0, "posix_fadvise(2)");
}
