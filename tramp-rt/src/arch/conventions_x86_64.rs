//! The calling conventions that x86-64 has beside the system's own.

use crate::signature::signatures;

signatures! { "sysv64" "win64" "efiapi" }
