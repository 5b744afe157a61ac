//! A resource has no room for one more closure, and later it has room again.

use crate::place::Worker;
use crate::state::limits;
use crate::subject::Subject;
use crate::workload::Phase;

/// Grows until there is an error. Then makes `more` room, calls all, drops all and does the usual work.
fn to_the_end_and_on(worker: &Worker, subject: Subject, more: impl FnOnce()) -> Result<(), i32> {
    worker.work(subject, Phase::Fill)?;
    more();
    worker.work(subject, Phase::Empty)?;
    worker.work(subject, Phase::All)
}

/// Other mappings up to the limit, `vm.max_map_count`.
pub(super) fn mappings(worker: &Worker, subject: Subject) -> Result<(), i32> {
    // This allocates first, because later an allocation would need a mapping.
    worker.work(subject, Phase::Room)?;
    let mut foreign = Vec::with_capacity(1 << 20);
    while foreign.len() < foreign.capacity() {
        // Alternating protections keep the kernel from merging them.
        let protection = if foreign.len() % 2 == 0 { libc::PROT_READ } else { libc::PROT_NONE };
        let (flags, null) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, std::ptr::null_mut());
        // SAFETY: a new mapping.
        let page = unsafe { libc::mmap(null, 4096, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED {
            break;
        }
        foreign.push(page);
    }
    to_the_end_and_on(worker, subject, || {
        for page in foreign {
            // SAFETY: mapped above.
            unsafe { libc::munmap(page, 4096) };
        }
    })
}

pub(super) fn address_space(worker: &Worker, subject: Subject) -> Result<(), i32> {
    worker.work(subject, Phase::Room)?;
    limits::set(libc::RLIMIT_AS, "VmSize:", 12 << 20).expect("a limit");
    to_the_end_and_on(worker, subject, || limits::lift(libc::RLIMIT_AS).expect("no limit"))
}
