//! The part of the Win32 API that tables need. It is declared here, because a dependency would be larger than a dozen
//! names.
//!
//! Names and numbers come from the headers `memoryapi.h`, `libloaderapi.h`, `processthreadsapi.h` and `winnt.h`.

#![allow(non_snake_case, non_camel_case_types, reason = "the names of the API")]

use core::ffi::c_void;
use core::mem::{MaybeUninit, size_of};
use std::io;
use std::os::windows::io::RawHandle;

type BOOL = i32;

pub(super) const GENERIC_READ: u32 = 0x8000_0000;
pub(super) const GENERIC_EXECUTE: u32 = 0x2000_0000;
pub(super) const FILE_SHARE_READ: u32 = 1;
pub(super) const FILE_SHARE_DELETE: u32 = 4;
pub(super) const PAGE_READONLY: u32 = 0x02;
pub(super) const PAGE_READWRITE: u32 = 0x04;
pub(super) const PAGE_WRITECOPY: u32 = 0x08;
pub(super) const PAGE_EXECUTE_READ: u32 = 0x20;
pub(super) const SEC_IMAGE: u32 = 0x0100_0000;
pub(super) const FILE_MAP_READ: u32 = 0x04;
pub(super) const FILE_MAP_EXECUTE: u32 = 0x20;
pub(super) const MEM_IMAGE: u32 = 0x0100_0000;
pub(super) const PROCESS_DYNAMIC_CODE_POLICY: i32 = 2;
pub(super) const PROCESS_CONTROL_FLOW_GUARD_POLICY: i32 = 7;
pub(super) const PROCESS_SIGNATURE_POLICY: i32 = 8;

#[repr(C)]
pub(super) struct MEMORY_BASIC_INFORMATION {
    pub(super) BaseAddress: *mut c_void,
    pub(super) AllocationBase: *mut c_void,
    AllocationProtect: u32,
    #[cfg(target_pointer_width = "64")]
    PartitionId: u16,
    pub(super) RegionSize: usize,
    State: u32,
    pub(super) Protect: u32,
    pub(super) Type: u32,
}

#[repr(C)]
struct OSVERSIONINFOW {
    dwOSVersionInfoSize: u32,
    dwMajorVersion: u32,
    dwMinorVersion: u32,
    dwBuildNumber: u32,
    dwPlatformId: u32,
    szCSDVersion: [u16; 128],
}

#[link(name = "kernel32")]
unsafe extern "system" {
    pub(super) fn CreateFileMappingW(
        file: RawHandle,
        attributes: *const c_void,
        protection: u32,
        size_high: u32,
        size_low: u32,
        name: *const u16,
    ) -> RawHandle;
    pub(super) fn MapViewOfFile(
        section: RawHandle,
        access: u32,
        offset_high: u32,
        offset_low: u32,
        bytes: usize,
    ) -> *mut c_void;
    pub(super) fn UnmapViewOfFile(start: *const c_void) -> BOOL;
    pub(super) fn VirtualProtect(start: *const c_void, bytes: usize, protection: u32, before: *mut u32) -> BOOL;
    fn VirtualQuery(address: *const c_void, pages: *mut MEMORY_BASIC_INFORMATION, bytes: usize) -> usize;
    pub(super) fn GetModuleFileNameW(module: RawHandle, path: *mut u16, length: u32) -> u32;
    fn GetCurrentProcess() -> RawHandle;
    fn GetProcessMitigationPolicy(process: RawHandle, policy: i32, flags: *mut c_void, bytes: usize) -> BOOL;
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn RtlGetVersion(version: *mut OSVERSIONINFOW) -> i32;
}

/// What is mapped at an address.
pub(super) fn query(address: *const u8) -> io::Result<MEMORY_BASIC_INFORMATION> {
    let mut pages = MaybeUninit::<MEMORY_BASIC_INFORMATION>::zeroed();
    let bytes = size_of::<MEMORY_BASIC_INFORMATION>();
    // SAFETY: passes the structure and its size.
    if unsafe { VirtualQuery(address.cast(), pages.as_mut_ptr(), bytes) } != bytes {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has written it, and zeros would be valid too.
    let pages = unsafe { pages.assume_init() };
    if pages.AllocationBase.is_null() { Err(io::ErrorKind::NotFound.into()) } else { Ok(pages) }
}

/// The flags of one of the process's policies that have 32 bits.
pub(super) fn policy(policy: i32) -> io::Result<u32> {
    let mut flags = 0_u32;
    // SAFETY: passes flags of this size.
    match unsafe { GetProcessMitigationPolicy(GetCurrentProcess(), policy, (&raw mut flags).cast(), size_of::<u32>()) }
    {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(flags),
    }
}

/// Major version, minor version and build number of the system. `GetVersion` returns the version that a program's
/// manifest expects.
pub(super) fn version() -> Option<(u32, u32, u32)> {
    let mut version = MaybeUninit::<OSVERSIONINFOW>::zeroed();
    // SAFETY: zeros are valid for every field.
    let version = unsafe { version.assume_init_mut() };
    version.dwOSVersionInfoSize = u32::try_from(size_of::<OSVERSIONINFOW>()).ok()?;
    // SAFETY: passes the structure, which contains its size.
    let status = unsafe { RtlGetVersion(version) };
    (status == 0).then_some((version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber))
}
