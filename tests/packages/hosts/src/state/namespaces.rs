//! File systems and processes, as a container or sandbox shows them.

use std::ffi::CStr;
use std::fs;
use std::path::Path;
use std::ptr::null;

use crate::place::Worker;
use crate::system::{c_string, continue_in_child, ok, wait};

/// Needs root, or makes a user namespace with a root: see `user_namespaces(7)`.
fn unshare(flags: i32) -> Result<(), String> {
    // SAFETY: this process has one thread.
    unsafe {
        if libc::unshare(flags) == 0 {
            return Ok(());
        }
        ok("unshare(2)", libc::unshare(flags | libc::CLONE_NEWUSER)).map(drop)
    }
}

/// From now on, no other process sees what this one mounts.
pub fn own_mounts() -> Result<(), String> {
    unshare(libc::CLONE_NEWNS)?;
    mount(None, Path::new("/"), None, libc::MS_REC | libc::MS_PRIVATE, "")
}

fn mount(source: Option<&CStr>, target: &Path, kind: Option<&CStr>, flags: u64, data: &str) -> Result<(), String> {
    let (target, data) = (c_string(target), c_string(data));
    let pointer = |text: Option<&CStr>| text.map_or(null(), CStr::as_ptr);
    // SAFETY: strings that live as long as the call.
    let result = unsafe { libc::mount(pointer(source), target.as_ptr(), pointer(kind), flags, data.as_ptr().cast()) };
    ok("mount(2)", result).map(drop)
}

pub fn mount_tmpfs(target: &Path, options: &str) -> Result<(), String> {
    mount(Some(c"tmpfs"), target, Some(c"tmpfs"), 0, options)
}

/// Sets an attribute of all mounts, see `mount_setattr(2)`, Linux 5.12.
fn set_all_mounts(attribute: u64) -> Result<(), String> {
    own_mounts()?;
    let attributes = [attribute, 0, 0, 0]; // struct mount_attr: set, clear, propagation, user namespace
    // SAFETY: reads a path and the attributes.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            c"/".as_ptr(),
            0x8000, // AT_RECURSIVE
            attributes.as_ptr(),
            size_of_val(&attributes),
        )
    };
    ok("mount_setattr(2)", result).map(drop)
}

pub(super) fn no_proc(_: &Worker) -> Result<(), String> {
    own_mounts()?;
    // SAFETY: a path.
    let unmounted = unsafe { libc::umount2(c"/proc".as_ptr(), libc::MNT_DETACH) };
    if unmounted != 0 {
        // In a user namespace, mounts from outside cannot be removed. But they can be hidden.
        mount_tmpfs(Path::new("/proc"), "size=4k")?;
    }
    if Path::new("/proc/self").exists() { Err("/proc is still there".into()) } else { Ok(()) }
}

/// /proc shows the processes of another namespace, which does not contain this process. So `/proc/self` leads nowhere.
pub(super) fn foreign_proc(_: &Worker) -> Result<(), String> {
    own_mounts()?;
    // SAFETY: this process has one thread.
    let helper = ok("fork(2)", unsafe { libc::fork() })?;
    if helper == 0 {
        let mounted = (|| {
            unshare(libc::CLONE_NEWPID)?;
            continue_in_child()?; // the first process of the namespace
            mount(Some(c"proc"), Path::new("/proc"), Some(c"proc"), 0, "")
        })();
        crate::system::exit_at_once(mounted.is_err().into());
    }
    if wait(i32::try_from(helper).expect("a process"))? != 0 {
        return Err("a namespace's /proc cannot be mounted".into());
    }
    if Path::new("/proc/self/maps").exists() { Err("/proc still shows this process".into()) } else { Ok(()) }
}

/// The process has another number than the one under which /proc shows it.
pub(super) fn outer_proc(_: &Worker) -> Result<(), String> {
    unshare(libc::CLONE_NEWPID)?;
    continue_in_child()?;
    if std::process::id() == 1 { Ok(()) } else { Err("no namespace of its own".into()) }
}

pub(super) fn empty_root(_: &Worker) -> Result<(), String> {
    let empty = Path::new(&std::env::args_os().next_back().unwrap_or_default()).join("empty");
    fs::create_dir(&empty).map_err(|error| error.to_string())?;
    let empty = c_string(empty);
    // SAFETY: paths.
    unsafe {
        if libc::chroot(empty.as_ptr()) != 0 {
            unshare(libc::CLONE_NEWUSER)?;
            ok("chroot(2)", libc::chroot(empty.as_ptr()))?;
        }
        ok("chdir(2)", libc::chdir(c"/".as_ptr())).map(drop)
    }
}

pub(super) fn read_only(_: &Worker) -> Result<(), String> {
    const MOUNT_ATTR_RDONLY: u64 = 1;
    set_all_mounts(MOUNT_ATTR_RDONLY)?;
    match fs::write("/tmp/hosts-read-only", "") {
        Ok(()) => Err("/tmp can be written".into()),
        Err(_) => Ok(()),
    }
}

pub(super) fn noexec_temporary(_: &Worker) -> Result<(), String> {
    own_mounts()?;
    for directory in ["/tmp", "/var/tmp", "/dev/shm"].map(Path::new) {
        if directory.exists() {
            mount(Some(c"tmpfs"), directory, Some(c"tmpfs"), libc::MS_NOEXEC, "mode=1777")?;
        }
    }
    Ok(())
}

pub(super) fn noexec_all(_: &Worker) -> Result<(), String> {
    const MOUNT_ATTR_NOEXEC: u64 = 8;
    set_all_mounts(MOUNT_ATTR_NOEXEC)
}

/// `memfd_create(2)` makes no executable file: see sysctl `vm.memfd_noexec`, Linux 6.3. It fails with `MFD_EXEC`, and otherwise
/// the file has no mode x. The setting belongs to the PID namespace.
pub(super) fn memfd_noexec(_: &Worker) -> Result<(), String> {
    unshare(libc::CLONE_NEWPID)?;
    continue_in_child()?;
    fs::write("/proc/sys/vm/memfd_noexec", "2").map_err(|error| format!("vm.memfd_noexec: {error}"))?;
    // SAFETY: a name.
    match unsafe { libc::memfd_create(c"hosts".as_ptr(), libc::MFD_EXEC) } {
        -1 => Ok(()),
        _ => Err("vm.memfd_noexec is not felt".into()),
    }
}
