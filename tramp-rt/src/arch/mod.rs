//! The processor axis: registers, thunks and the geometry of their tables. One file here and one in `asm/` for each
//! processor; no other folder knows which one it is compiled for.
//!
//! Every processor's module offers the same names:
//!
//! * `assembly!`, the text of its file in `asm/`, which has the code tables, the stack routine and the probe's caller;
//! * what `linked.rs` makes of that in the target's object format, or `unlinked.rs` if it is not for that one;
//! * `REGISTERS`, how many argument registers can carry the slot, in the order of the tables and of the probe's marks;
//! * `SAVED_REGISTERS`, how many of them, from the last, are preserved by a call, and `saved_register_routine()` for those;
//! * `LANDING_PADS`, how pages are mapped whose indirect entries the processor checks;
//! * `THUNK_BYTES`, `PAGE_BYTES`, `TABLE_BYTES`, `COPY_BYTES`, `RUN_BYTES`, `DISTANCE`, the geometry, see
//!   [`table`](crate::table).

#[cfg(feature = "mapped")]
pub(crate) mod geometry;
#[cfg(feature = "mapped")]
mod place;

// One line for each processor that has thunks. What has none is `imp.rs`.
#[cfg(feature = "mapped")]
#[cfg_attr(all(target_arch = "x86_64", target_pointer_width = "64"), path = "x86_64.rs")]
#[cfg_attr(target_arch = "x86", path = "x86.rs")]
#[cfg_attr(all(target_arch = "aarch64", target_pointer_width = "64", target_endian = "little"), path = "aarch64.rs")]
#[cfg_attr(all(target_arch = "arm", target_endian = "little"), path = "arm.rs")]
#[cfg_attr(target_arch = "riscv64", path = "riscv64.rs")]
#[cfg_attr(all(target_arch = "powerpc64", target_endian = "little"), path = "powerpc64.rs")]
#[cfg_attr(target_arch = "s390x", path = "s390x.rs")]
#[cfg_attr(target_arch = "loongarch64", path = "loongarch64.rs")]
mod imp;

#[cfg(feature = "mapped")]
pub(crate) use imp::*;
#[cfg(feature = "mapped")]
pub(crate) use place::Place;
#[cfg(feature = "capi")]
pub(crate) use place::Taken;

/// The calling conventions that signatures can have: C's and the system's everywhere, and what the processor has beside.
macro_rules! for_each_convention {
    ($signatures:ident) => {
        $signatures! { "C" "C-unwind" "system" }

        #[cfg(target_arch = "x86_64")]
        $signatures! { "sysv64" "win64" "efiapi" }

        #[cfg(target_arch = "x86")]
        $signatures! { "cdecl" "stdcall" "efiapi" }

        #[cfg(target_arch = "arm")]
        $signatures! { "aapcs" "efiapi" }

        #[cfg(any(target_arch = "aarch64", target_arch = "riscv64"))]
        $signatures! { "efiapi" }
    };
}
pub(crate) use for_each_convention;

// Not every system knows how to ask for them.
#[cfg(feature = "mapped")]
const _: Option<LandingPads> = LANDING_PADS;

/// What a slot of the protocol's table leads to when it is free, and when it has no target yet.
#[cfg(all(feature = "capi", not(target_arch = "x86")))]
pub(crate) fn protocol_freed() -> *const () {
    crate::misuse::called_after_free as *const ()
}

#[cfg(all(feature = "capi", not(target_arch = "x86")))]
pub(crate) fn protocol_unset() -> *const () {
    crate::misuse::called_before_set as *const ()
}

/// A processor feature that is switched on page by page.
#[cfg(feature = "mapped")]
#[allow(dead_code, reason = "few processors have one, and not every system knows how to ask")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct LandingPads {
    /// The bit of `AT_HWCAP2` that says whether processor and system have it.
    pub(crate) capability: usize,
    /// The bit of a mapping's protection that asks for it.
    pub(crate) protection: i32,
}
