//! This tells `LeakSanitizer` to look for pointers in slots, if the program has it. By default it searches the
//! program's allocations and variables, but no mapping. So it would report each closure that is alive when the program
//! ends and whose owner is not.

use core::arch::global_asm;
use core::ffi::c_void;

use crate::arch::symbol;

/// LLVM's `sanitizer/lsan_interface.h`.
type RegisterRootRegion = unsafe extern "C" fn(start: *const c_void, bytes: usize);

// The address of its function, or null in a program without it. Rust has such weak references only as an unstable
// feature.
global_asm!(
    ".pushsection .data.rel.ro.tramp_rt, \"aw\", %progbits",
    ".balign {word_bytes}",
    ".globl {tramp}_register_root_region",
    ".hidden {tramp}_register_root_region",
    ".type {tramp}_register_root_region, %object",
    ".size {tramp}_register_root_region, {word_bytes}",
    ".weak __lsan_register_root_region",
    "{tramp}_register_root_region:",
    ".dc.a __lsan_register_root_region",
    ".popsection",
    tramp = sym symbol::tramp_rt,
    word_bytes = const size_of::<usize>(),
);

/// Tells `LeakSanitizer` to search these bytes from now on.
pub(super) fn search(start: *const u8, bytes: usize) {
    unsafe extern "C" {
        #[link_name = symbol::symbol!("_register_root_region")]
        static register_root_region: Option<RegisterRootRegion>;
    }
    // SAFETY: the word above. Nothing writes it after the program was loaded.
    if let Some(register) = unsafe { register_root_region } {
        // SAFETY: the call notes the range. It reads the mapped part of the range when it searches.
        unsafe { register(start.cast(), bytes) }
    }
}
