//! The calling conventions that signatures can have: C's and the system's everywhere, and what the processor has beside.

use crate::signature::signatures;

signatures! { "C" "C-unwind" "system" }

#[cfg(target_arch = "x86_64")]
signatures! { "sysv64" "win64" "efiapi" }

#[cfg(target_arch = "x86")]
signatures! { "cdecl" "stdcall" "efiapi" }

#[cfg(target_arch = "arm")]
signatures! { "aapcs" "efiapi" }

#[cfg(any(target_arch = "aarch64", target_arch = "riscv64"))]
signatures! { "efiapi" }
