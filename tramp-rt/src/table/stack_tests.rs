//! Stacks that end in a guard page. A call without enough room dies there, and the memory beyond stays as it was.

use core::hint::black_box;
use core::mem::transmute;
use core::sync::atomic::{AtomicI32, Ordering};
use std::process::exit;

use super::{claim, entry};
use crate::alone::alone;
use crate::arch::Place;
use crate::signature::{Delivery, Signature};
use crate::slot::{CopiedArguments, Slot};

/// More arguments than any processor has registers for.
type Sum = extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i64;

#[rustfmt::skip]
#[allow(clippy::many_single_char_names, reason = "they are counted")]
extern "C" fn sum(
    a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64, i: i64, j: i64, k: i64, l: i64, _: &Slot,
) -> i64 {
    [a, b, c, d, e, f, g, h, i, j, k, l].iter().zip(1..).map(|(argument, weight)| argument * weight).sum()
}

fn place<S: Signature>() -> Place {
    let Delivery::Slot(probe) = S::DELIVERY else { panic!("no slot") };
    probe.place().expect("a place")
}

/// Calls `sum` through the stack routine, on a stack that has only so many bytes left. The frame is so much larger than
/// its arguments need.
fn call_with_frame(added: u32, left: usize) {
    let Place::Stack(CopiedArguments { bytes, frame }) = place::<Sum>() else { panic!("not on the stack") };
    let place = Place::Stack(CopiedArguments { bytes, frame: frame + added });
    let slot = claim(sum as *const (), place).expect("a slot");
    // SAFETY: the slot leads to a function of this signature.
    let thunk = unsafe { transmute::<*const (), Sum>(entry(slot)) };
    near_the_end(left, move || {
        let sum = black_box(thunk)(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        ends_with(sum == 650);
    });
}

/// The alignment of a result, or of a struct that is passed by reference, does not change the stack.
#[test]
fn only_what_is_on_the_stack_is_aligned_there() {
    #[repr(C, align(65536))]
    struct Strict(i64);
    type Words = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64) -> Strict;

    let Place::Stack(copied) = place::<Words>() else { panic!("not on the stack") };
    assert!(copied.frame < 512, "{copied:?}");
    #[cfg(any(target_arch = "aarch64", target_arch = "riscv64", target_arch = "loongarch64", target_arch = "s390x"))]
    {
        type ByReference = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, Strict) -> Strict;
        let Place::Stack(copied) = place::<ByReference>() else { panic!("not on the stack") };
        assert!(copied.frame < 512, "{copied:?}");
    }
}

/// Asks where the slot of a signature travels that may have many arguments on the stack.
fn ask_of_much() {
    #[repr(C)]
    struct Much([u8; 60_000]);

    let Delivery::Slot(probe) = <unsafe extern "C" fn(Much) as Signature>::DELIVERY else { panic!("no slot") };
    near_the_end(24 << 10, move || ends_with(black_box(probe).place().is_ok()));
}

/// Calls a function whose slot travels in a register that calls preserve. So nobody knows what lies on the stack.
#[cfg(target_arch = "s390x")]
fn call_by_saved_register() {
    #[repr(C)]
    struct Much([u8; 60_000]);
    type Add = unsafe extern "C" fn(i64, i64, i64, Much) -> i64;
    extern "C" fn add(a: i64, b: i64, c: i64, _: *const Much, _: &Slot) -> i64 {
        a + b + c
    }

    let place = place::<Add>();
    assert!(matches!(place, Place::SavedRegister(_)), "{place:?}");
    let slot = claim(add as *const (), place).expect("a slot");
    // SAFETY: the slot leads to a function of this signature, and the struct is passed by reference.
    let thunk = unsafe { transmute::<*const (), extern "C" fn(i64, i64, i64, *const Much) -> i64>(entry(slot)) };
    on_a_stack(move || ends_with(black_box(thunk)(1, 2, 3, core::ptr::null()) == 6));
}

static ENDING: AtomicI32 = AtomicI32::new(0);

/// How a call ended that returned.
fn ends_with(is_right: bool) {
    ENDING.store(if is_right { RETURNED } else { WRONG }, Ordering::Relaxed);
}

// How a child ends.
const RETURNED: i32 = 10;
const WRONG: i32 = 11;
const GUARDED: i32 = 12;
#[cfg(unix)]
const ELSEWHERE: i32 = 13;
#[cfg(windows)]
const STATUS_STACK_OVERFLOW: i32 = i32::from_ne_bytes(0xc000_00fd_u32.to_ne_bytes()); // the same as `GUARDED`, where the system can say so

/// How large a stack is, and what lies beyond it.
const STACK: usize = 512 << 10;
const BEYOND: usize = 2 << 20;
const UNTOUCHED: u8 = 0xa5;

const CASE: &str = "TRAMP_TEST_STACK";

/// Runs a case in a process of its own, which has to end in this way.
fn ends(name: &str, ending: i32, case: fn()) {
    if std::env::var_os(CASE).is_some() {
        case();
        exit(ENDING.load(Ordering::Relaxed));
    }
    let child = alone(module_path!(), name).env(CASE, "1").output().expect("a child");
    let ended = child.status.code();
    #[cfg(windows)]
    let ended = ended.map(|code| if code == STATUS_STACK_OVERFLOW { GUARDED } else { code });
    assert_eq!(ended, Some(ending), "{:?}: {}", child.status, String::from_utf8_lossy(&child.stderr));
}

macro_rules! ends {
    ($($(#[$attribute:meta])* $name:ident: $ending:ident, $case:expr;)*) => { $(
        $(#[$attribute])*
        #[test]
        fn $name() {
            ends(stringify!($name), $ending, $case);
        }
    )* };
}

ends! {
    a_copy_is_made: RETURNED, || call_with_frame(0, 32 << 10);
    a_copy_many_pages_below_is_made: RETURNED, || call_with_frame(128 << 10, 160 << 10);
    // Beyond a guard page of 4 KiB, by few bytes and by many.
    a_copy_8_kib_below_ends_in_the_guard_page: GUARDED, || call_with_frame(8 << 10, 3 << 10);
    a_copy_64_kib_below_ends_in_the_guard_page: GUARDED, || call_with_frame(64 << 10, 32 << 10);
    a_copy_a_megabyte_below_ends_in_the_guard_page: GUARDED, || call_with_frame(1 << 20, 32 << 10);
    a_probe_of_much_ends_in_the_guard_page: GUARDED, ask_of_much;
    #[cfg(target_arch = "s390x")]
    no_more_is_copied_than_can_be_on_the_stack: RETURNED, call_by_saved_register;
}

/// Runs `act` on a stack that has only so many bytes left.
fn near_the_end(left: usize, act: impl Fn() + Send + 'static) {
    fn descend(end: usize, act: &dyn Fn()) {
        let frame = [0_u8; 256];
        if (&raw const *black_box(&frame)).addr() > end {
            descend(end, act);
        } else {
            act();
        }
        black_box(&frame);
    }

    on_a_stack(move || descend(end_of_stack() + left, &act));
}

#[cfg(unix)]
use unix::{end_of_stack, on_a_stack};
#[cfg(windows)]
use windows::{end_of_stack, on_a_stack};

#[cfg(unix)]
mod unix {
    use core::ffi::c_void;
    use core::ptr::null_mut;
    use std::sync::atomic::AtomicUsize;

    use super::{BEYOND, ELSEWHERE, GUARDED, Ordering, STACK, UNTOUCHED, WRONG};

    static START: AtomicUsize = AtomicUsize::new(0);

    fn page() -> usize {
        // SAFETY: asks for a number.
        usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a size")
    }

    pub(super) fn end_of_stack() -> usize {
        START.load(Ordering::Relaxed) + BEYOND + page()
    }

    /// Runs `act` on a thread whose stack has a guard page at either end. Other memory lies beyond the lower one.
    pub(super) fn on_a_stack<F: FnOnce() + Send + 'static>(act: F) {
        extern "C" fn start<F: FnOnce()>(act: *mut c_void) -> *mut c_void {
            // SAFETY: it is a stack of its own for signals. The caller waits, and never takes the closure back.
            unsafe {
                let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
                let stack = libc::stack_t {
                    ss_sp: libc::mmap(null_mut(), STACK, protection, flags, -1, 0),
                    ss_flags: 0,
                    ss_size: STACK,
                };
                assert_eq!(libc::sigaltstack(&raw const stack, null_mut()), 0);
                act.cast::<F>().read()();
            }
            null_mut()
        }

        let bytes = BEYOND + page() + STACK + page();
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
        // SAFETY: the mapping is new and filled here. The handler, and the thread on a part of the mapping, live as
        // long as the process, and so does the mapping.
        unsafe {
            let start_of_all = libc::mmap(null_mut(), bytes, protection, flags, -1, 0);
            assert_ne!(start_of_all, libc::MAP_FAILED);
            START.store(start_of_all.addr(), Ordering::Relaxed);
            start_of_all.write_bytes(UNTOUCHED, BEYOND);
            let stack = start_of_all.wrapping_byte_add(BEYOND + page());
            for guard in [start_of_all.wrapping_byte_add(BEYOND), stack.wrapping_byte_add(STACK)] {
                assert_eq!(libc::mprotect(guard, page(), libc::PROT_NONE), 0);
            }

            let mut action: libc::sigaction = core::mem::zeroed();
            action.sa_sigaction = on_fault as extern "C" fn(_, _, _) as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            assert_eq!(libc::sigaction(libc::SIGSEGV, &raw const action, null_mut()), 0);
            assert_eq!(libc::sigaction(libc::SIGBUS, &raw const action, null_mut()), 0);

            let mut attributes = core::mem::MaybeUninit::uninit();
            let mut thread = core::mem::MaybeUninit::uninit();
            assert_eq!(libc::pthread_attr_init(attributes.as_mut_ptr()), 0);
            assert_eq!(pthread_attr_setstack(attributes.as_mut_ptr(), stack, STACK), 0);
            let mut act = core::mem::ManuallyDrop::new(act);
            let act = (&raw mut act).cast();
            assert_eq!(libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), start::<F>, act), 0);
            libc::pthread_join(thread.assume_init(), null_mut());
        }
    }

    unsafe extern "C" {
        // POSIX has this function, and the crate libc does not have it for each system.
        fn pthread_attr_setstack(attributes: *mut libc::pthread_attr_t, stack: *mut c_void, bytes: usize) -> i32;
    }

    extern "C" fn on_fault(_: i32, information: *mut libc::siginfo_t, _: *mut c_void) {
        let start = START.load(Ordering::Relaxed);
        // SAFETY: the arguments are those that the system passes to a handler. The memory is mapped above, and no
        // destructor has to run.
        unsafe {
            let at = (*information).si_addr().addr();
            let beyond = core::slice::from_raw_parts(core::ptr::with_exposed_provenance::<u8>(start), BEYOND);
            libc::_exit(if beyond.iter().any(|&byte| byte != UNTOUCHED) {
                WRONG
            } else if (start + BEYOND..start + BEYOND + page()).contains(&at) {
                GUARDED
            } else {
                ELSEWHERE
            });
        }
    }
}

#[cfg(windows)]
mod windows {
    use core::ffi::c_void;
    use core::ptr::{NonNull, with_exposed_provenance_mut};
    use std::os::windows::io::AsRawHandle;
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Mutex};
    use std::thread;

    use super::{BEYOND, ENDING, GUARDED, Ordering, STACK, UNTOUCHED, WRONG};

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentThreadStackLimits(low: *mut usize, high: *mut usize);
        fn VirtualAlloc(address: *mut c_void, bytes: usize, kind: u32, protection: u32) -> *mut c_void;
        fn WaitForSingleObject(handle: *mut c_void, milliseconds: u32) -> u32;
    }

    pub(super) fn end_of_stack() -> usize {
        let (mut low, mut high) = (0, 0);
        // SAFETY: the function stores two addresses.
        unsafe { GetCurrentThreadStackLimits(&raw mut low, &raw mut high) };
        low
    }

    /// Runs `act` on a thread. The system puts a guard page at the end of its stack, and this function maps memory
    /// beyond that page. On i386, stacks lie one above the other, so there may be no room for that memory.
    pub(super) fn on_a_stack(act: impl FnOnce() + Send + 'static) {
        const ATTEMPTS: usize = 16;
        let act = Arc::new(Mutex::new(Some(act)));
        for attempt in 1..=ATTEMPTS {
            let act = act.clone();
            let (sender, beyond) = channel();
            let run = move || {
                let start = with_exposed_provenance_mut(end_of_stack() - BEYOND);
                // SAFETY: this maps new memory, at an address where nothing else is: MEM_RESERVE | MEM_COMMIT,
                // PAGE_READWRITE.
                let beyond = unsafe { VirtualAlloc(start, BEYOND, 0x3000, 4) };
                if !beyond.is_null() {
                    // SAFETY: that many bytes were just allocated.
                    unsafe { beyond.write_bytes(UNTOUCHED, BEYOND) };
                } else if attempt < ATTEMPTS {
                    drop(sender);
                    loop {
                        thread::park(); // so that the next thread has another stack
                    }
                }
                sender.send(beyond.addr()).expect("a receiver");
                let act = act.lock().expect("no panic").take().expect("this thread alone");
                act();
            };
            let thread = thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
            let Ok(beyond) = beyond.recv() else { continue };
            // SAFETY: it is the thread's own handle. The thread is not joined, because Wine ends a thread without a
            // stack for an exception and reports nothing.
            unsafe { WaitForSingleObject(thread.as_raw_handle().cast(), u32::MAX) };
            if ENDING.load(Ordering::Relaxed) == 0 {
                let bytes = if beyond == 0 { 0 } else { BEYOND };
                let beyond = NonNull::new(with_exposed_provenance_mut(beyond)).unwrap_or(NonNull::dangling());
                // SAFETY: the thread allocated it and never frees it.
                let beyond: &[u8] = unsafe { core::slice::from_raw_parts(beyond.as_ptr(), bytes) };
                let is_untouched = beyond.iter().all(|&byte| byte == UNTOUCHED);
                ENDING.store(if is_untouched { GUARDED } else { WRONG }, Ordering::Relaxed);
            }
            return;
        }
    }
}
