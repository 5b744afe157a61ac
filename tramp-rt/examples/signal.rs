//! Counts signals with handlers that own their counters.
//!
//! ```sh
//! cargo run --example signal -- [TIMES]
//! ```
//!
//! The program installs a counter. Then it installs a second counter on top, raises the signal TIMES times, and removes the
//! second counter again. Each counter sees only its own signals.
//!
//! # Closures in signal handlers
//!
//! A signal may interrupt the program anywhere, also in the allocator. So its handler must not allocate, lock or print. The call
//! of a trampoline does none of these: the code behind the pointer loads the address of the closure and runs it. The closure
//! must keep this rule too. Here it does one atomic addition. Making a trampoline allocates and dropping one frees, so a
//! handler must do neither.

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

const USAGE: &str = "usage: signal [TIMES]";
const ABOUT: &str =
    "Raises SIGUSR1 TIMES times, or 3 times, and shows how many signals each of two handlers has counted.";

/// Counts a signal.
///
/// It takes its state as `&` and not as `&mut`, because a handler may run on several threads at once and may interrupt itself.
#[trampoline]
extern "C" fn on_signal(count: &Arc<AtomicUsize>, _signal: c_int) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// Counts the signals that arrive while it lives. Its drop puts the previous handler back. So the counter that was installed
/// last has to be dropped first.
struct Counter {
    signal: c_int,
    count: Arc<AtomicUsize>,
    previous: sigaction,
    _handler: Trampoline<on_signal>, // dropped after `drop` has run, when no signal leads to it any more
}

impl Counter {
    fn install(signal: c_int) -> Result<Self, Box<dyn Error>> {
        let count = Arc::default();
        let handler = on_signal::bind(Arc::clone(&count))?;
        let mut action = no_action();
        action.sa_sigaction = handler.as_fn() as sighandler_t;
        // SAFETY: without SA_SIGINFO, the system calls the handler with one integer, and that is its type. The handler only adds
        // to an atomic. It lives until `drop` has replaced it, and in a program with one thread it does not run at that time.
        let previous = unsafe { exchange(signal, &action) }?;
        Ok(Self { signal, count, previous, _handler: handler })
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // SAFETY: the program drops its counters in order, so the previous handler is alive.
        let restored = unsafe { exchange(self.signal, &self.previous) };
        restored.expect("the previous handler can be put back");
    }
}

/// The default action, with no other signals blocked.
fn no_action() -> sigaction {
    // SAFETY: the fields are integers, a set of bits, and a function pointer that may be absent. All may be zero.
    unsafe { mem::zeroed() }
}

/// Sets the action for `signal` and returns the previous action.
///
/// # Safety
///
/// The handler of `action` must be safe to call at any moment when the signal may arrive.
unsafe fn exchange(signal: c_int, action: &sigaction) -> io::Result<sigaction> {
    let mut previous = no_action();
    // SAFETY: the pointers are valid, and the handler may be called whenever the signal arrives: the condition of `exchange`.
    match unsafe { sigaction(signal, action, &raw mut previous) } {
        0 => Ok(previous),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sends `signal` to this program. The handler has run when this returns.
fn raise(signal: c_int) -> io::Result<()> {
    // SAFETY: `raise` touches no memory, and the signal has a handler that may run now.
    match unsafe { libc::raise(signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let times = match env::args().nth(1).as_deref() {
        Some("--help") => {
            println!("{USAGE}\n{ABOUT}");
            return Ok(());
        }
        Some(times) => times.parse().map_err(|_| USAGE)?,
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
