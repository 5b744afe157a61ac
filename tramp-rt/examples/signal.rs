//! Counts signals with handlers that own their counters.
//!
//! ```sh
//! cargo run --example signal -- [TIMES]
//! ```
//!
//! One counter is in place while another one takes over, for the given number of signals. Each knows only its own.
//!
//! # Closures in signal handlers
//!
//! A signal interrupts the program anywhere, in the allocator too, so its handler must not allocate, lock or print. The
//! call of a trampoline does none of it: the code behind the pointer loads the address of the closure and runs it. What
//! the closure does is then up to us, here one atomic addition. (Making a trampoline does allocate, and dropping one
//! frees: neither is for handlers.)

use std::env;
use std::error::Error;
use std::ffi::c_int;
use std::io;
use std::mem;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libc::{SIGUSR1, sigaction, sighandler_t};
use tramp_rt::{Trampoline, trampoline};

/// Counts a signal.
///
/// It takes its state as `&`, not `&mut`: a handler may run on several threads at once, and be interrupted by itself.
#[trampoline]
extern "C" fn on_signal(count: &Arc<AtomicUsize>, _signal: c_int) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// Counts the signals that arrive while it lives. Then what was there before is there again, so the last to be installed
/// has to be the first to be dropped.
struct Counter {
    signal: c_int,
    count: Arc<AtomicUsize>,
    previous: sigaction,
    _handler: Trampoline<on_signal>, // goes after `drop`, when no signal leads to it any more
}

impl Counter {
    fn install(signal: c_int) -> Result<Self, Box<dyn Error>> {
        let count = Arc::default();
        let handler = on_signal::bind(Arc::clone(&count))?;
        let mut action = no_action();
        action.sa_sigaction = handler.as_fn() as sighandler_t;
        // SAFETY: without SA_SIGINFO the system calls it as what it is, a function of one integer. It only adds to an
        // atomic. And it lives until `drop` has replaced it; with one thread, it does not run meanwhile.
        let previous = unsafe { exchange(signal, &action) }?;
        Ok(Self { signal, count, previous, _handler: handler })
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // SAFETY: the program drops its counters in order, so what was in place before is alive.
        let restored = unsafe { exchange(self.signal, &self.previous) };
        restored.expect("what was in place can be put back");
    }
}

/// Nothing to do at a signal, and none to be held back meanwhile.
fn no_action() -> sigaction {
    // SAFETY: integers, a set of bits, and a function pointer that may be absent.
    unsafe { mem::zeroed() }
}

/// Puts `action` in place for `signal`, and returns what was there.
///
/// # Safety
///
/// The handler of `action` is safe to call whenever the signal may come.
unsafe fn exchange(signal: c_int, action: &sigaction) -> io::Result<sigaction> {
    let mut previous = no_action();
    // SAFETY: the pointers are valid; the caller vouches for the handler.
    match unsafe { sigaction(signal, action, &raw mut previous) } {
        0 => Ok(previous),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sends this program `signal`, which has been handled when this returns.
fn raise(signal: c_int) -> io::Result<()> {
    // SAFETY: it touches no memory; what the signal does is its handler's business.
    match unsafe { libc::raise(signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let times = match env::args().nth(1) {
        Some(times) => times.parse().map_err(|_| "usage: signal [TIMES]")?,
        None => 3,
    };
    let outer = Counter::install(SIGUSR1)?;
    raise(SIGUSR1)?;
    {
        let inner = Counter::install(SIGUSR1)?;
        for _ in 0..times {
            raise(SIGUSR1)?;
        }
        println!("inner: {}", inner.count());
    }
    raise(SIGUSR1)?;
    println!("outer: {}", outer.count());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("signal: {error}");
            ExitCode::FAILURE
        }
    }
}
