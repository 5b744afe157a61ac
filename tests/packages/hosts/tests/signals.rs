//! Calling a trampoline is async-signal-safe. Signals interrupt threads that create and drop trampolines. Their handlers are
//! trampolines, and call others.

mod common;

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{alone, call, create_call_and_drop, narrow, wide};
use tramp_rt::Trampoline;
use tramp_test_support::{Kind, occupy_direct_slots};

const SIGNALS: u64 = if cfg!(debug_assertions) { 3_000 } else { 30_000 };
const THREADS: usize = 3;

fn handle(signal: c_int, handler: unsafe extern "C" fn(c_int)) {
    // SAFETY: plain numbers; the handler is never dropped and is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_RESTART;
        assert_eq!(libc::sigaction(signal, &raw const action, std::ptr::null_mut()), 0);
    }
}

/// Sends signals to threads that create, call and drop, until enough were handled.
fn storm(handled: &'static AtomicU64) {
    let stop = AtomicBool::new(false);
    let threads = [const { AtomicU64::new(0) }; THREADS];
    thread::scope(|scope| {
        for (number, thread) in threads.iter().enumerate() {
            let stop = &stop;
            scope.spawn(move || {
                create_call_and_drop(number as u64, 300);
                // SAFETY: asks for a number, which is of 64 bits on processors of 64 bits.
                thread.store(unsafe { libc::pthread_self() }, Ordering::Release);
                while !stop.load(Ordering::Relaxed) {
                    create_call_and_drop(number as u64, 300);
                }
            });
        }
        while threads.iter().any(|thread| thread.load(Ordering::Acquire) == 0) {
            thread::yield_now();
        }
        // On a busy machine, a thread handles one signal in each of its turns. After so much time, fewer are enough.
        let patience = Instant::now() + Duration::from_secs(20);
        let enough = || if Instant::now() < patience { SIGNALS } else { SIGNALS / 10 };
        while handled.load(Ordering::Relaxed) < enough() {
            for thread in &threads {
                // SAFETY: a thread that runs until it is told to stop.
                unsafe { libc::pthread_kill(thread.load(Ordering::Relaxed), libc::SIGUSR1) };
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_handler_calls_trampolines_whatever_it_interrupts() {
    static HANDLED: AtomicU64 = AtomicU64::new(0);
    alone("a_handler_calls_trampolines_whatever_it_interrupts", 300, || {
        let _occupied = occupy_direct_slots();
        let (one, other) = (narrow(1), wide(2));
        assert_eq!(Kind::of(&one), Kind::Mapped);
        let handler = Trampoline::<unsafe extern "C" fn(c_int)>::new(move |signal| {
            assert_eq!((call(&one), call(&other), signal), (1, 2, libc::SIGUSR1));
            HANDLED.fetch_add(1, Ordering::Relaxed);
        });
        handle(libc::SIGUSR1, handler.expect("a slot").leak());
        storm(&HANDLED);
    });
}

#[test]
fn a_handler_through_a_direct_thunk() {
    static HANDLED: AtomicU64 = AtomicU64::new(0);
    alone("a_handler_through_a_direct_thunk", 300, || {
        let one = narrow(1);
        assert_eq!(Kind::of(&one), Kind::Direct);
        let handler = Trampoline::<unsafe extern "C" fn(c_int)>::new(move |_| {
            assert_eq!(call(&one), 1);
            HANDLED.fetch_add(1, Ordering::Relaxed);
        });
        handle(libc::SIGUSR1, handler.expect("a slot").leak());
        storm(&HANDLED);
    });
}

/// On an alternate stack, as a handler of stack overflows: see `sigaltstack(2)`.
#[test]
fn a_handler_on_an_alternative_stack() {
    static HANDLED: AtomicU64 = AtomicU64::new(0);
    alone("a_handler_on_an_alternative_stack", 300, || {
        let _occupied = occupy_direct_slots();
        let mut stack = vec![0_u8; 64 << 10];
        let alternative = libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: stack.len() };
        let one = wide(1);
        let handler = Trampoline::<unsafe extern "C" fn(c_int)>::new(move |_| {
            HANDLED.fetch_add(call(&one), Ordering::Relaxed);
        });
        // SAFETY: the stack lives longer than the signals come; plain numbers; the handler is never dropped.
        unsafe {
            assert_eq!(libc::sigaltstack(&raw const alternative, std::ptr::null_mut()), 0);
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler.expect("a slot").leak() as *const () as usize;
            action.sa_flags = libc::SA_ONSTACK;
            assert_eq!(libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()), 0);
            for expected in 1..=1_000 {
                libc::raise(libc::SIGUSR1);
                assert_eq!(HANDLED.load(Ordering::Relaxed), expected);
            }
            let off = libc::stack_t { ss_flags: libc::SS_DISABLE, ..alternative };
            assert_eq!(libc::sigaltstack(&raw const off, std::ptr::null_mut()), 0);
        }
    });
}
