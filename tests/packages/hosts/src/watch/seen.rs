//! What the watcher notes of a child.

use std::collections::BTreeSet;
use std::ffi::{OsString, c_int};
use std::fs;
use std::path::PathBuf;

use super::tracee::Call;
use crate::child::Mark;

/// A descriptor's number, and what it refers to.
type Descriptor = (OsString, PathBuf);

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Exit(c_int),
    Signal(c_int),
}

/// What was seen of a child and of all processes that it started.
#[derive(Debug)]
pub struct Seen {
    pub end: End,
    /// What it wrote to standard error.
    pub errors: String,
    /// Whether it said that it is in its state.
    pub entered: bool,
    /// Mappings that were writable and executable at once.
    pub write_execute: usize,
    /// Changes of a mapping to executable.
    pub made_executable: usize,
    /// Files that were mapped twice at the end, once writable and once executable.
    pub aliased: usize,
    pub memfds: usize,
    pub files_created: usize,
    /// How many more descriptors there were at the end than before.
    pub descriptors_kept: usize,
    /// Whether what happens now counts.
    pub(super) counting: bool,
    pub(super) descriptors: BTreeSet<Descriptor>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            end: End::Exit(-1),
            errors: String::new(),
            entered: false,
            write_execute: 0,
            made_executable: 0,
            aliased: 0,
            memfds: 0,
            files_created: 0,
            descriptors_kept: 0,
            counting: false,
            descriptors: BTreeSet::new(),
        }
    }
}

impl Seen {
    /// A system call begins.
    pub(super) fn enter(&mut self, thread: c_int, call: &Call) {
        const ENTERED: u64 = Mark::Entered as u64;
        const DONE: u64 = Mark::Done as u64;
        if call.number != libc::SYS_write || call.arguments[0] & 0xffff_ffff != 0xffff_ffff {
            return;
        }
        match call.arguments[2] {
            ENTERED => {
                self.counting = true;
                self.entered = true;
                self.descriptors = descriptors(thread);
            }
            DONE => {
                self.look_at_mappings(thread);
                self.descriptors_kept = descriptors(thread).difference(&self.descriptors).count();
                self.counting = false;
            }
            _ => {}
        }
    }

    /// A system call succeeded.
    pub(super) fn succeed(&mut self, call: &Call) {
        const BOTH: c_int = libc::PROT_WRITE | libc::PROT_EXEC;
        if !self.counting {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "flags are `int`s")]
        let argument = |index: usize| call.arguments[index] as c_int;
        match call.number {
            libc::SYS_mmap if argument(2) & BOTH == BOTH => self.write_execute += 1,
            libc::SYS_mprotect | libc::SYS_pkey_mprotect if argument(2) & libc::PROT_EXEC != 0 => {
                self.made_executable += 1;
                self.write_execute += usize::from(argument(2) & BOTH == BOTH);
            }
            libc::SYS_memfd_create => self.memfds += 1,
            libc::SYS_openat => self.opened(argument(2)),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_open => self.opened(argument(1)),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_creat => self.files_created += 1,
            _ => {}
        }
    }

    fn opened(&mut self, flags: c_int) {
        let created = flags & libc::O_CREAT != 0 || flags & libc::O_TMPFILE == libc::O_TMPFILE;
        self.files_created += usize::from(created);
    }

    /// Notes what the list of mappings shows now.
    pub(super) fn look_at_mappings(&mut self, thread: c_int) {
        if !self.counting {
            return;
        }
        // It may contain any path.
        let maps = fs::read(format!("/proc/{thread}/maps")).unwrap_or_default();
        let maps = String::from_utf8_lossy(&maps);
        let (mut writable, mut executable) = (BTreeSet::new(), BTreeSet::new());
        for line in maps.lines() {
            // `start-end perms offset device inode path`, see proc_pid_maps(5)
            let fields: Vec<&str> = line.split_ascii_whitespace().take(5).collect();
            let [_, permissions, _, device, inode] = fields[..] else { continue };
            self.write_execute += usize::from(permissions.contains('w') && permissions.contains('x'));
            if permissions.ends_with('s') && permissions.contains('w') {
                writable.insert((device, inode));
            }
            if permissions.contains('x') && inode != "0" {
                executable.insert((device, inode));
            }
        }
        self.aliased = self.aliased.max(writable.intersection(&executable).count());
    }
}

fn descriptors(thread: c_int) -> BTreeSet<Descriptor> {
    let Ok(directory) = fs::read_dir(format!("/proc/{thread}/fd")) else { return BTreeSet::new() };
    directory.flatten().map(|entry| (entry.file_name(), fs::read_link(entry.path()).unwrap_or_default())).collect()
}
