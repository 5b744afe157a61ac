//! The processor axis: registers, thunks and the geometry of their tables. Each processor has one file here and one in
//! `asm/`. No other folder knows which processor it is compiled for.
//!
//! This layer knows the layout of slots and the functions for misuse. It knows no table and no mapping.

#[cfg(feature = "mapped")]
pub(crate) mod dynamic;
#[cfg(feature = "mapped")]
#[allow(dead_code, reason = "not every target has each of them")]
mod geometries;
#[cfg(feature = "mapped")]
pub(crate) mod geometry;
#[cfg(feature = "mapped")]
mod landing_pads;
#[cfg(feature = "mapped")]
mod place;
#[cfg(feature = "mapped")]
#[allow(dead_code, unused_imports, unused_macros, reason = "on some targets nothing is linked")]
#[macro_use]
pub(crate) mod symbol;
#[cfg(feature = "mapped")]
mod thread_word;
#[cfg(feature = "mapped")]
pub(crate) mod va_list;

// The processors with thunks, and the object formats in which they have them. On other targets, nothing is linked.
#[cfg(feature = "mapped")]
#[cfg_attr(
    not(any(
        all(target_arch = "x86_64", target_pointer_width = "64"),
        all(target_arch = "x86", not(target_vendor = "apple")),
        all(target_arch = "aarch64", target_pointer_width = "64", target_endian = "little"),
        all(target_arch = "arm", target_endian = "little", not(any(windows, target_vendor = "apple"))),
        target_arch = "riscv64",
        all(target_arch = "powerpc64", target_endian = "little"),
        target_arch = "s390x",
        target_arch = "loongarch64",
    )),
    path = "none.rs"
)]
mod linked;

#[cfg(feature = "mapped")]
#[allow(unused_imports, reason = "not every system asks for each")]
pub(crate) use self::geometries::{COPY_BYTES, DISTANCE, PAGE_BYTES, RUN_BYTES, TABLE_BYTES};
#[cfg(feature = "mapped")]
pub(crate) use self::landing_pads::LandingPads;
#[cfg(feature = "mapped")]
pub(crate) use self::linked::*;
#[cfg(feature = "capi")]
pub use self::place::Chain;
#[cfg(feature = "mapped")]
pub(crate) use self::place::Place;
#[cfg(feature = "capi")]
pub(crate) use self::place::{ArgumentsBefore, ChainPlace};
#[cfg(feature = "capi")]
pub(crate) use self::thread_word::is_single_threaded;
#[cfg(feature = "mapped")]
pub(crate) use self::thread_word::{set_thread_word, thread_word};

/// The calling conventions that signatures can have: those of C and of the system on every processor, and the
/// processor's own.
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

// Not every system has code that asks for them.
#[cfg(feature = "mapped")]
const _: Option<LandingPads> = LANDING_PADS;

/// The targets of a slot in the protocol's table: when it is free, and before it gets a target.
#[cfg(all(feature = "capi", not(target_arch = "x86")))]
pub(crate) fn protocol_freed() -> *const () {
    crate::misuse::called_after_free as *const ()
}

#[cfg(all(feature = "capi", not(target_arch = "x86")))]
pub(crate) fn protocol_unset() -> *const () {
    crate::misuse::called_before_set as *const ()
}
