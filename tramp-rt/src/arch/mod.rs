//! The processor axis: registers, thunks and the geometry of their tables. One file here and one in `asm/` for each
//! processor; no other folder knows which one it is compiled for.
//!
//! Every processor's module offers the same names:
//!
//! * `SUPPORTED`, whether there are thunks at all;
//! * `REGISTERS`, how many argument registers can carry the slot, in the order in which the probe marks them;
//! * `THUNK_BYTES`, `TABLE_BYTES`, `COPY_BYTES`, `RUN_BYTES`, `PAGE_BYTES`, `DISTANCE`, the geometry, see [`table`](crate::table);
//! * `tables()`, the linked code tables, one for each register and one for the stack;
//! * `stack_routine()`, the handler of stack slots;
//! * `call_marked()`, the probe's caller.

#[cfg(target_arch = "x86_64")]
mod conventions_x86_64;

// The processors that have thunks, in the object formats that their assembly is written for.
#[cfg(feature = "mapped")]
#[cfg_attr(
    all(target_arch = "x86_64", target_pointer_width = "64", not(any(windows, target_vendor = "apple"))),
    path = "x86_64.rs"
)]
#[cfg_attr(
    not(all(target_arch = "x86_64", target_pointer_width = "64", not(any(windows, target_vendor = "apple")))),
    path = "unsupported.rs"
)]
mod imp;

#[cfg(feature = "mapped")]
pub(crate) use imp::*;
