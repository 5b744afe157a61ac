//! The C library: the trampoline API of the Static Trampolines RFC, and one addition for C programmers.
//!
//! Thin over `tramp_rt::__c`. The documentation of what follows is C's: `include/tramp.h` is made of it by cbindgen, see
//! `cbindgen.toml`, which has the part that belongs to no single function.

#![cfg(all(unix, not(target_vendor = "apple")))] // see Cargo.toml
#![allow(non_camel_case_types, reason = "names in C's header")]
#![allow(clippy::doc_markdown, reason = "comments in C's header")]
// What C hands over is judged by its address and never dereferenced, but for a name.
#![allow(clippy::not_unsafe_ptr_arg_deref, reason = "see above")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{NonNull, null_mut};

use tramp_rt::__c::{Delivery, Live, die, is_available};
use tramp_rt::Error;

/// A C function of whatever type.
pub type tramp_function = Option<unsafe extern "C" fn()>;

/// Says whether there are trampolines: 1 if so, 0 if not.
///
/// The first answer is the only one that a process ever gets. It is 0 only if there are none for this processor, system or
/// size of pages, or if every way to map their code was refused for a reason that will last. Want of memory, descriptors
/// or mappings is no such reason: then ffi_tramp_alloc returns NULL for now, and may succeed later.
///
/// The first call maps the code, unless a trampoline was allocated before. Later ones read one word.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_is_supported() -> c_int {
    is_available().into()
}

/// Allocates a trampoline for a target that keeps to the protocol above.
///
/// flags has to be 0; the result is NULL for anything else, and if there is no trampoline to be had. Until it is given a
/// target, a call of its address aborts the process with a message.
///
/// Allocating takes no lock. It is not async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_alloc(flags: c_int) -> *mut c_void {
    if flags == 0 { handle(Live::claim(Delivery::PROTOCOL)) } else { null_mut() }
}

/// Gives a trampoline its target and the data that the target is passed. Returns 1; or 0, with nothing changed, if target is
/// NULL or tramp is not a live trampoline.
///
/// It may be repeated. Each of the two is stored at once, data before target, but not both: a call in another thread, or in
/// a signal handler, that runs meanwhile may find one of them old and one new. So it is allowed to change one of them
/// while the trampoline may be called, the other being given again as it is: such a call has the old one or the new one.
/// It is not allowed to change both, unless no call can run at the same time. Who has to exchange both passes data that
/// points to both, with a target that looks there. There is no lock, and a call does not pay for any.
///
/// Whoever is handed the address afterwards in a way that is an acquire operation (another thread by a mutex, an atomic or
/// its creation) finds what was set. It is async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_set_parms(tramp: *mut c_void, target: *mut c_void, data: *mut c_void) -> c_int {
    match (Live::of_protocol(tramp.cast()), NonNull::new(target)) {
        (Some(live), Some(target)) => {
            live.bind(target.cast(), data.cast());
            1
        }
        (_, target) => others::set_parms(tramp, target, data),
    }
}

/// Returns the address to call as a function, or to jump to; NULL if tramp is not a live trampoline.
///
/// It is the same for as long as the trampoline lives, and no other live trampoline's. It is async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_get_addr(tramp: *mut c_void) -> *mut c_void {
    match Live::of_protocol(tramp.cast()) {
        Some(live) => live.entry().cast_mut().cast(),
        None => others::get_addr(tramp),
    }
}

/// Frees a trampoline of any kind, by any thread. NULL is nothing to free.
///
/// If tramp is not a live trampoline (freed before, or anything else) the process aborts with a message. So it does if the
/// address is called afterwards, until the trampoline is allocated again, which is not before 64 others of its kind were
/// freed by the same thread. A call that is on its way through the trampoline while it is freed is not seen; one that has
/// reached its target is not concerned.
///
/// Freeing takes no lock. It is not async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_free(tramp: *mut c_void) {
    match Live::of_protocol(tramp.cast()) {
        Some(live) if live.release() => {}
        _ => others::free(tramp),
    }
}

/// Allocates a trampoline for a C function that takes, behind its other arguments, the context as its last one.
///
/// integers is how many of the other arguments are integers or pointers, of at most a pointer's size; floats, how many are
/// of type double, or float but for what is said below. Their order does not matter. The result is NULL if there is no
/// trampoline to be had, or if the numbers do not tell where the last argument is passed.
///
/// - A structure that is returned in memory counts as one more integer, except on arm64.
/// - On i386 a float counts as an integer, and a long long as two.
/// - On arm a long long counts as two integers, and as three if the integers before it are an odd number; floats can be up
///   to 8, and 0 without hardware for them.
/// - Other arguments (structures by value, long double, 128-bit integers, vectors) are not counted by these numbers. If they
///   leave the context in a register, tramp_alloc_register can be told which.
///
/// What the caller's function pointer has to look like is the function's type without the last argument.
#[unsafe(no_mangle)]
pub extern "C" fn tramp_alloc_arguments(integers: c_uint, floats: c_uint) -> *mut c_void {
    alloc(Delivery::behind(integers as usize, floats as usize))
}

/// The same for a context that the function takes in a register, by the name of the register: "rdi", "rsi", "rdx", "rcx",
/// "r8" or "r9" on x86-64, also for functions with Microsoft's convention; "x0" to "x7" on arm64; "r0" to "r3" on arm; "a0" to
/// "a7" on riscv64 and loongarch64; "r3" to "r10" on ppc64le; "r2" to "r5" on s390x. NULL if there is no such register, as
/// there is none on i386.
///
/// name is NULL or a string.
#[allow(clippy::missing_safety_doc, reason = "it is documented for C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tramp_alloc_register(name: *const c_char) -> *mut c_void {
    if name.is_null() {
        return null_mut();
    }
    // SAFETY: not null, so it is a string: the function's documentation says so.
    alloc(Delivery::in_register(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

/// Gives a trampoline of tramp_alloc_arguments or tramp_alloc_register its function and context, and returns the pointer to
/// call, to be cast to the function's type without its last argument. NULL, with nothing changed, if function is NULL or
/// tramp is not a live trampoline.
///
/// It is ffi_tramp_set_parms and ffi_tramp_get_addr in one, with their rules, and frees the caller of casting functions to
/// void *, which C does not promise to work.
#[unsafe(no_mangle)]
pub extern "C" fn tramp_bind(tramp: *mut c_void, function: tramp_function, context: *mut c_void) -> tramp_function {
    let live = Live::of(tramp.cast())?;
    live.bind(NonNull::new(function? as *mut ())?, context.cast());
    // SAFETY: the address of a thunk, which may be called as the function may, less an argument.
    Some(unsafe { std::mem::transmute::<*const (), unsafe extern "C" fn()>(live.entry()) })
}

fn alloc(delivery: Option<Delivery>) -> *mut c_void {
    delivery.map_or(null_mut(), |delivery| handle(Live::claim(delivery)))
}

#[inline]
fn handle(claimed: Result<Live, Error>) -> *mut c_void {
    claimed.map_or(null_mut(), |live| live.handle().cast())
}

/// The same for trampolines that are not the protocol's, and for what is no trampoline.
mod others {
    use super::{Live, NonNull, c_int, c_void, die, null_mut};

    #[cold]
    pub(super) extern "C" fn set_parms(
        tramp: *mut c_void,
        target: Option<NonNull<c_void>>,
        data: *mut c_void,
    ) -> c_int {
        let (Some(live), Some(target)) = (Live::of(tramp.cast()), target) else { return 0 };
        live.bind(target.cast(), data.cast());
        1
    }

    #[cold]
    pub(super) extern "C" fn get_addr(tramp: *mut c_void) -> *mut c_void {
        Live::of(tramp.cast()).map_or(null_mut(), |live| live.entry().cast_mut().cast())
    }

    #[cold]
    pub(super) extern "C" fn free(tramp: *mut c_void) {
        if !tramp.is_null() && !Live::of(tramp.cast()).is_some_and(Live::release) {
            die("ffi_tramp_free was given what is not a live trampoline")
        }
    }
}
