//! The states, in the order of the table.

mod descriptors;
mod exhaustion;
mod files;
mod forks;
mod limits;
mod memory;
pub mod namespaces;
mod seccomp;

use crate::child;
use crate::place::{Location, Place, Worker};
use crate::subject::Subject;

/// Enters a state, or says why this machine cannot.
type Enter = fn(&Worker) -> Result<(), String>;
/// The work in it. The error is the exit status.
type Act = fn(&Worker, Subject) -> Result<(), i32>;

/// A state of a process.
#[derive(Debug, Clone, Copy)]
pub struct State {
    pub name: &'static str,
    pub place: Place,
    pub when: When,
    pub enter: Enter,
    pub act: Act,
    /// Whether code can only be mapped from a file in a directory for temporary files.
    pub needs_file: bool,
}

/// When the state is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before anything is created.
    FirstUse,
    /// When a few closures exist, far fewer than later in the state.
    Later,
    /// When there are enough in stock.
    Stocked,
}

impl State {
    const fn new(name: &'static str, when: When, enter: Enter) -> Self {
        Self { name, place: Place::Here, when, enter, act: child::all, needs_file: false }
    }

    const fn first(name: &'static str, enter: Enter) -> Self {
        Self::new(name, When::FirstUse, enter)
    }

    const fn later(name: &'static str, enter: Enter) -> Self {
        Self::new(name, When::Later, enter)
    }

    const fn stocked(name: &'static str, enter: Enter) -> Self {
        Self::new(name, When::Stocked, enter)
            .acting(|worker, subject| worker.work(subject, crate::workload::Phase::FromStock))
    }

    const fn placed(self, place: Place) -> Self {
        Self { place, ..self }
    }

    const fn acting(self, act: Act) -> Self {
        Self { act, ..self }
    }

    const fn needing_a_file(self) -> Self {
        Self { needs_file: true, ..self }
    }

    /// The state of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|state| state.name == name)
    }
}

const NOTHING: Enter = |_| Ok(());
const TWICE: &[Location] = &[Location::named(b"one.so"), Location::named(b"another.so")];

/// All states. Each is a row of the table.
pub const ALL: &[State] = &[
    State::first("nothing special", NOTHING),
    State::first("`PR_SET_MDWE`", memory::deny_write_execute),
    State::first("seccomp kills `mmap`, `mprotect` with W+X", seccomp::kill_write_execute),
    State::first("seccomp: no `memfd_create`", seccomp::deny_memfd),
    State::first("seccomp: no `open*`", seccomp::deny_open),
    State::first("seccomp: no `open*`, no `memfd_create`", seccomp::deny_open_and_memfd),
    State::first("seccomp: no `mremap`", seccomp::deny_mremap),
    State::stocked("after `reserve`: seccomp's strict mode (read, write, exit)", seccomp::strict),
    State::stocked("after `reserve`: and the allocator's calls", seccomp::strict_with_heap),
    State::first("systemd `MemoryDenyWriteExecute=`", seccomp::systemd_memory),
    State::first("systemd `SystemCallFilter=@system-service`, `~memfd_create`", seccomp::systemd_service),
    State::first("/proc not mounted", namespaces::no_proc),
    State::first("/proc of a foreign PID namespace", namespaces::foreign_proc),
    State::first("a PID namespace with the outer /proc", namespaces::outer_proc),
    State::first("`chroot` into an empty directory", namespaces::empty_root),
    State::first("all file systems read-only", namespaces::read_only),
    State::first("`noexec` /tmp, /var/tmp, /dev/shm", namespaces::noexec_temporary),
    State::first("everything `noexec`", namespaces::noexec_all),
    State::first("everything `noexec`, in a library", namespaces::noexec_all).placed(files::LIBRARY),
    State::first("`vm.memfd_noexec=2`", namespaces::memfd_noexec),
    State::first("no descriptors at first use", descriptors::none),
    State::later("no descriptors later", descriptors::none),
    State::later("a daemon's: all closed and used again for other files", descriptors::reused),
    State::first("`RLIMIT_AS`", limits::address_space),
    State::first("`RLIMIT_DATA`", limits::data),
    State::first("`mlockall`", memory::lock_all),
    State::first("text sealed (`mseal`)", memory::seal_text),
    State::first("text sealed, no /proc", memory::seal_text_without_proc),
    State::first("text sealed, no /proc, no `memfd_create`", memory::seal_text_without_proc_and_memfd).needing_a_file(),
    State::first("text execute-only", memory::execute_only),
    State::first("no mappings left, then some again", NOTHING).acting(exhaustion::mappings),
    State::first("no address space left, then some again", NOTHING).acting(exhaustion::address_space),
    State::later("`fork`: parent and child go on", NOTHING).acting(forks::both_go_on),
    State::later("`fork` while threads create and drop", NOTHING).acting(forks::among_threads),
    State::first("static program", NOTHING).placed(Place::Linked("hosts-static")),
    State::first("static position-independent program", NOTHING).placed(Place::Linked("hosts-static-pie")),
    State::first("library", NOTHING).placed(Place::Libraries(&[Location::PLAIN])),
    State::first("library, twice in a process", NOTHING).placed(Place::Libraries(TWICE)),
    State::first("program deleted", files::delete).placed(files::PROGRAM),
    State::first("library deleted", files::delete).placed(files::LIBRARY),
    State::first("program replaced by rename", files::replace).placed(files::PROGRAM),
    State::first("library replaced by rename", files::replace).placed(files::LIBRARY),
    State::first("program moved", files::relocate).placed(files::PROGRAM),
    State::first("library moved", files::relocate).placed(files::LIBRARY),
    State::first("program moved, another in its place", files::relocate_and_replace).placed(files::PROGRAM),
    State::first("library moved, another in its place", files::relocate_and_replace).placed(files::LIBRARY),
    State::first("program with spaces in its path", NOTHING).placed(Place::Program(files::SPACES)),
    State::first("library with spaces in its path", NOTHING).placed(Place::Libraries(&[files::SPACES])),
    State::first("program with newlines in its path", NOTHING).placed(Place::Program(files::NEWLINES)),
    State::first("library with newlines in its path", NOTHING).placed(Place::Libraries(&[files::NEWLINES])),
    State::first("program really named ` (deleted)`", NOTHING).placed(Place::Program(files::DELETED_NAME)),
    State::first("library really named ` (deleted)`", NOTHING).placed(Place::Libraries(&[files::DELETED_NAME])),
    State::first("program not named in UTF-8", NOTHING).placed(Place::Program(files::NOT_UTF8)),
    State::first("library not named in UTF-8", NOTHING).placed(Place::Libraries(&[files::NOT_UTF8])),
    State::first("program's path over 4 KiB", NOTHING).placed(Place::Program(files::DEEP)),
    State::first("library's path over 4 KiB", NOTHING).placed(Place::Libraries(&[files::DEEP])),
    State::first("program: same path and inode number, other bytes", files::same_inode)
        .placed(Place::Program(files::ON_TMPFS)),
    State::first("library: same path and inode number, other bytes", files::same_inode)
        .placed(Place::Libraries(&[files::ON_TMPFS])),
    State::first("library deleted, no `memfd_create`", files::delete_and_deny_memfd).placed(files::LIBRARY),
];
