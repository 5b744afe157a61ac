//! The C library: the trampoline API of the Static Trampolines RFC, and one addition for C programmers.
//!
//! This is a thin layer over `tramp_rt::__c`. The comments below are the documentation for C. cbindgen makes
//! `include/tramp.h` from them, and from `cbindgen.toml`, which has the text that belongs to no single function.

#![cfg(all(unix, not(target_vendor = "apple")))] // see Cargo.toml
#![allow(non_camel_case_types, reason = "names in C's header")]
#![allow(clippy::doc_markdown, reason = "comments in C's header")]
// The functions check a pointer from C by its address and never dereference it, except a name.
#![allow(clippy::not_unsafe_ptr_arg_deref, reason = "see above")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{NonNull, null_mut};

use tramp_rt::__c::{Chain, Delivery, Live, die, is_available};
use tramp_rt::Error;

/// A C function of any type.
pub type tramp_function = Option<unsafe extern "C" fn()>;

/// Returns 1 if trampolines are available, and 0 if not.
///
/// A process always gets the same answer. It is 0 only if there are no trampolines for this processor, system or page size,
/// or if the system refused every way to map their code for a permanent reason. A lack of memory, descriptors or mappings is
/// not such a reason. Then the answer is 1, but ffi_tramp_alloc returns NULL and may succeed later.
///
/// The first call maps the code, unless a trampoline was allocated before. Later calls read one word.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_is_supported() -> c_int {
    is_available().into()
}

/// Allocates a trampoline for a target that follows the protocol above.
///
/// flags has to be 0. The function returns NULL if flags is not 0 or if no trampoline is available. If the trampoline is
/// called before it has a target, the process aborts with a message.
///
/// Allocating takes no lock. It is not async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_alloc(flags: c_int) -> *mut c_void {
    if flags == 0 { handle(Live::claim(Delivery::PROTOCOL)) } else { null_mut() }
}

/// Sets the target of a trampoline and the data that it passes to the target.
///
/// The function returns 1. It returns 0 and changes nothing if target is NULL or tramp is not a live trampoline.
///
/// A program may set both again, with one restriction. The function stores data and then target. Each store is atomic, but the
/// two together are not. A call that runs at the same time, in another thread or in a signal handler, may see the old value of
/// one and the new value of the other. So while calls may run, a program may change only one of the two, and passes the other
/// one unchanged. Such a call sees the old or the new value. To change both, a program makes data point to both values, with a
/// target that reads them there. No lock is taken, neither here nor in a call.
///
/// A thread sees the new values if it received the trampoline's address afterwards through an acquire operation, such as a
/// mutex, an atomic or the start of the thread. The function is async-signal-safe.
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

/// Returns the address to call or to jump to, or NULL if tramp is not a live trampoline.
///
/// The address does not change while the trampoline is live, and no other live trampoline has it. The function is
/// async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_get_addr(tramp: *mut c_void) -> *mut c_void {
    match Live::of_protocol(tramp.cast()) {
        Some(live) => live.entry().cast_mut().cast(),
        None => others::get_addr(tramp),
    }
}

/// Frees a trampoline of any kind. Any thread may free it. If tramp is NULL, the function does nothing.
///
/// If tramp is not a live trampoline, for instance because it was freed before, the process aborts with a message. It also
/// aborts with a message if the address is called afterwards. This ends when the trampoline is allocated again, and that does
/// not happen before the same thread has freed 64 other trampolines of its kind. The function does not detect a call that is
/// inside the trampoline's instructions at the same time. A call that has reached its target is not affected.
///
/// Freeing takes no lock. It is not async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_free(tramp: *mut c_void) {
    match Live::of_protocol(tramp.cast()) {
        Some(live) if live.release() => {}
        _ => others::free(tramp),
    }
}

/// Allocates a trampoline for a C function that takes its context as the last argument.
///
/// integers is the number of the other arguments that are integers or pointers, of at most a pointer's size. floats is the
/// number of arguments of type double or float. The order of the arguments does not matter. The function returns NULL if no
/// trampoline is available, or if the two numbers do not determine where the last argument is passed.
///
/// - A structure that is returned in memory counts as one more integer, except on arm64.
/// - On i386, a float counts as one integer, and a long long as two.
/// - On arm, a long long counts as two integers, or as three if an odd number of integers comes before it. floats can be at
///   most 8, and must be 0 without hardware for floating-point numbers.
/// - Other arguments (structures by value, long double, 128-bit integers, vectors) cannot be counted with these numbers. If
///   the context is still passed in a register, use tramp_alloc_register with the name of this register.
///
/// The caller's function pointer has the type of the function without its last argument.
#[unsafe(no_mangle)]
pub extern "C" fn tramp_alloc_arguments(integers: c_uint, floats: c_uint) -> *mut c_void {
    alloc(Delivery::behind(integers as usize, floats as usize))
}

/// Allocates a trampoline for a C function that takes its context in the register with this name.
///
/// The names are "rdi", "rsi", "rdx", "rcx", "r8" and "r9" on x86-64, also for functions with Microsoft's convention; "x0" to
/// "x7" on arm64; "r0" to "r3" on arm; "a0" to "a7" on riscv64 and loongarch64; "r3" to "r10" on ppc64le; "r2" to "r5" on
/// s390x. The function returns NULL for any other name, and always on i386.
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

/// For tramp_alloc_chain: the function is a nested function that GCC compiled, in C, Fortran or Ada.
pub const TRAMP_CHAIN_GCC: c_int = 0;

/// For tramp_alloc_chain: the context is a parameter that LLVM knows as nest, as in flang's internal procedures.
pub const TRAMP_CHAIN_LLVM: c_int = 1;

/// For tramp_alloc_chain: the function is the code of a libffi closure for Go (ffi_go_closure).
pub const TRAMP_CHAIN_LIBFFI: c_int = 2;

/// Allocates a trampoline for a function that takes its context as its static chain.
///
/// The static chain is the register in which a nested function finds the variables of the function around it. It carries no
/// argument. So the function can have any arguments, and the caller's function pointer has the function's own type. user says who
/// chose the register:
///
///     processor     TRAMP_CHAIN_GCC   TRAMP_CHAIN_LLVM   TRAMP_CHAIN_LIBFFI
///     x86-64        r10               r10                r10
///     i386          ecx               ecx                ecx
///     arm64         x18               x15                x18
///     arm           ip (r12)          none               ip
///     riscv64       t2                t2                 t2
///     loongarch64   t8                none               t2
///     ppc64le       r11               r11                r11
///     s390x         r0                none               r0
///
/// The trampoline changes this register, and also eax on i386, x16 on arm64, t1 on riscv64, t0 on loongarch64, r12 and ctr on
/// ppc64le, and r1 on s390x. On i386, no argument can be in eax or ecx, as it is with the attributes regparm and fastcall.
///
/// The function returns NULL if no trampoline is available, if user is none of the three, and where the table says none,
/// because LLVM 22 passes nest as the first argument there. On arm, LLVM does so only with the hard-float convention. With
/// soft-float it uses ip, so TRAMP_CHAIN_GCC is right for it. On arm64, LLVM 20 and earlier used x18. On Android the function
/// also returns NULL where the register would be x18, because x18 belongs to the system. On other systems, x18 belongs to the
/// shadow call stack of programs that are compiled with -fsanitize=shadow-call-stack. Such a program must not use these
/// trampolines.
#[unsafe(no_mangle)]
pub extern "C" fn tramp_alloc_chain(user: c_int) -> *mut c_void {
    let chain = match user {
        TRAMP_CHAIN_GCC => Chain::Gcc,
        TRAMP_CHAIN_LLVM => Chain::Llvm,
        TRAMP_CHAIN_LIBFFI => Chain::Libffi,
        _ => return null_mut(),
    };
    if cfg!(all(target_arch = "aarch64", target_os = "android")) && chain != Chain::Llvm {
        return null_mut();
    }
    alloc(Delivery::in_chain(chain))
}

/// Sets the function and the context of a trampoline from tramp_alloc_arguments, tramp_alloc_register or tramp_alloc_chain,
/// and returns the pointer to call.
///
/// The caller casts the pointer to the function's type, without its last argument if that is the context. The function returns
/// NULL and changes nothing if function is NULL or tramp is not a live trampoline.
///
/// It does the work of ffi_tramp_set_parms and ffi_tramp_get_addr, with the same rules. A caller does not have to cast a function
/// to void *, which C does not guarantee to work.
#[unsafe(no_mangle)]
pub extern "C" fn tramp_bind(tramp: *mut c_void, function: tramp_function, context: *mut c_void) -> tramp_function {
    let live = Live::of(tramp.cast())?;
    live.bind(NonNull::new(function? as *mut ())?, context.cast());
    // SAFETY: this is the address of a thunk. It may be called as the function may, without the last argument.
    Some(unsafe { std::mem::transmute::<*const (), unsafe extern "C" fn()>(live.entry()) })
}

fn alloc(delivery: Option<Delivery>) -> *mut c_void {
    delivery.map_or(null_mut(), |delivery| handle(Live::claim(delivery)))
}

#[inline]
fn handle(claimed: Result<Live, Error>) -> *mut c_void {
    claimed.map_or(null_mut(), |live| live.handle().cast())
}

/// The same functions for trampolines without the protocol, and for pointers that are no trampoline.
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
            die("ffi_tramp_free was called with a pointer that is not a live trampoline")
        }
    }
}
