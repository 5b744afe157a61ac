//! Filters of system calls, see `seccomp(2)`.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::MaskedEq;
use seccompiler::{BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule};

use crate::place::Worker;
use crate::system::ok;

/// The system calls, and rules for their arguments. Without rules, all arguments match.
type Calls = BTreeMap<i64, Vec<SeccompRule>>;

const REFUSE: SeccompAction = SeccompAction::Errno(libc::EPERM.cast_unsigned());

fn any(calls: &[c_long]) -> Calls {
    calls.iter().map(|&call| (call, Vec::new())).collect()
}

fn apply(calls: Calls, others: SeccompAction, these: SeccompAction) -> Result<(), String> {
    let architecture = std::env::consts::ARCH.try_into().map_err(|_| "seccompiler does not know this processor")?;
    let filter = SeccompFilter::new(calls, others, these, architecture).map_err(|error| error.to_string())?;
    let program: BpfProgram = filter.try_into().map_err(|error| format!("{error:?}"))?;
    seccompiler::apply_filter(&program).map_err(|error| error.to_string())
}

fn deny(calls: Calls, action: SeccompAction) -> Result<(), String> {
    apply(calls, SeccompAction::Allow, action)
}

/// A call whose argument `index` has all bits of `mask`.
fn with_bits(index: u8, mask: i32) -> SeccompRule {
    let mask = u64::from(mask.cast_unsigned());
    let condition = SeccompCondition::new(index, Dword, MaskedEq(mask), mask).expect("an argument");
    SeccompRule::new(vec![condition]).expect("a condition")
}

const OPEN: &[c_long] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_open_by_handle_at,
];

pub(super) fn kill_write_execute(_: &Worker) -> Result<(), String> {
    let both = || vec![with_bits(2, libc::PROT_WRITE | libc::PROT_EXEC)];
    let calls = [(libc::SYS_mmap, both()), (libc::SYS_mprotect, both()), (libc::SYS_pkey_mprotect, both())].into_iter();
    deny(calls.collect(), SeccompAction::KillProcess)
}

pub(super) fn deny_memfd(_: &Worker) -> Result<(), String> {
    deny(any(&[libc::SYS_memfd_create]), REFUSE)
}

pub(super) fn deny_open(_: &Worker) -> Result<(), String> {
    deny(any(OPEN), REFUSE)
}

pub(super) fn deny_open_and_memfd(worker: &Worker) -> Result<(), String> {
    deny_open(worker)?;
    deny_memfd(worker)
}

pub(super) fn deny_mremap(_: &Worker) -> Result<(), String> {
    deny(any(&[libc::SYS_mremap]), REFUSE)
}

/// The kernel's strict mode allows `read`, `write`, `exit` and `sigreturn`. Any other call is a SIGKILL.
pub(super) fn strict(_: &Worker) -> Result<(), String> {
    // SAFETY: restricts this process.
    ok("SECCOMP_MODE_STRICT", unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) }).map(drop)
}

/// Like [`strict`], and also allows what an allocator needs: `brk`, `mmap`, `munmap` and `madvise`, without `PROT_EXEC`. Other
/// calls kill.
pub(super) fn strict_with_heap(_: &Worker) -> Result<(), String> {
    let calls = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_rt_sigreturn,
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_madvise,
    ];
    let mut calls = any(&calls);
    let not_executable = SeccompCondition::new(2, Dword, MaskedEq(libc::PROT_EXEC.cast_unsigned().into()), 0);
    let rule = SeccompRule::new(vec![not_executable.expect("an argument")]).expect("a condition");
    calls.insert(libc::SYS_mmap, vec![rule]);
    apply(calls, SeccompAction::KillProcess, SeccompAction::Allow)
}

/// What systemd installs for it: see `seccomp_memory_deny_write_execute` in its src/shared/seccomp-util.c. It allows no mapping
/// with W+X, no `mprotect` to X, and no shared memory with X. Since version 253 it sets `PR_SET_MDWE` first.
pub(super) fn systemd_memory(_: &Worker) -> Result<(), String> {
    let calls = [
        (libc::SYS_mmap, vec![with_bits(2, libc::PROT_WRITE | libc::PROT_EXEC)]),
        (libc::SYS_mprotect, vec![with_bits(2, libc::PROT_EXEC)]),
        (libc::SYS_pkey_mprotect, vec![with_bits(2, libc::PROT_EXEC)]),
        (libc::SYS_shmat, vec![with_bits(2, libc::SHM_EXEC)]),
    ];
    deny(calls.into_iter().collect(), REFUSE)
}

/// For this, systemd.exec(5) advises to deny `memfd_create` as well. The groups are those of systemd.exec(5). The filter refuses
/// those that `@system-service` lacks.
pub(super) fn systemd_service(worker: &Worker) -> Result<(), String> {
    #[rustfmt::skip] // groups stay together
    let missing = [
        // @clock, @module, @reboot, @swap
        libc::SYS_adjtimex, libc::SYS_clock_adjtime, libc::SYS_clock_settime, libc::SYS_settimeofday,
        libc::SYS_delete_module, libc::SYS_finit_module, libc::SYS_init_module, libc::SYS_kexec_load,
        libc::SYS_reboot, libc::SYS_swapoff, libc::SYS_swapon,
        // @debug
        libc::SYS_perf_event_open, libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        // @mount
        libc::SYS_chroot, libc::SYS_fsconfig, libc::SYS_fsmount, libc::SYS_fsopen, libc::SYS_fspick,
        libc::SYS_mount, libc::SYS_mount_setattr, libc::SYS_move_mount, libc::SYS_open_tree, libc::SYS_pivot_root,
        libc::SYS_umount2,
        // @privileged and others
        libc::SYS_acct, libc::SYS_bpf, libc::SYS_open_by_handle_at, libc::SYS_quotactl, libc::SYS_vhangup,
        libc::SYS_userfaultfd, libc::SYS_unshare, libc::SYS_setns, libc::SYS_pkey_alloc, libc::SYS_pkey_free,
        libc::SYS_pkey_mprotect, libc::SYS_process_madvise, libc::SYS_kcmp, libc::SYS_lookup_dcookie,
        libc::SYS_remap_file_pages,
        // ~memfd_create
        libc::SYS_memfd_create,
    ];
    deny(any(&missing), REFUSE)?;
    systemd_memory(worker)
}
