//! What the tests share: their C side, which is linked with this crate, and trampolines that are certainly direct or
//! certainly mapped.

pub mod disassembly;
mod full_heap;

use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tramp_rt::{Signature, Threads, Trampoline};

pub use self::full_heap::{MayBeFull, on_a_full_heap};

/// Whether this rustc and this C compiler both pass integers of 128 bits as others do. `rustc.rs` and `c/i128.h` say
/// which do not.
pub fn i128_is_as_in_c() -> bool {
    unsafe extern "C" {
        safe static i128_is_as_elsewhere: bool;
    }
    env!("TRAMP_I128_IS_AS_IN_C") == "true" && i128_is_as_elsewhere
}

/// Counts its instances.
#[derive(Debug, Clone, Default)]
pub struct Counted(Arc<()>);

impl Counted {
    /// The first.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of the others.
    pub fn others(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

/// Which thunk a trampoline has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One compiled for the closure's type.
    Direct,
    /// One of a table.
    Mapped,
}

impl Kind {
    /// The kind of a trampoline.
    pub fn of<S: Signature, T: Threads>(trampoline: &Trampoline<S, T>) -> Self {
        if trampoline.is_direct() { Self::Direct } else { Self::Mapped }
    }
}

/// The number of slots of a kind that are taken.
pub fn live(kind: Kind) -> usize {
    let now = tramp_rt::diagnostics();
    match kind {
        Kind::Direct => now.direct_live,
        Kind::Mapped => now.slots.live,
    }
}

/// A signature that can take every direct slot.
#[derive(Debug)]
pub struct Occupant;

tramp_rt::__private::signature! {
    // SAFETY: the pointer types are the signature's, and `unsafe` to call.
    promise: unsafe { tramp_rt::__private::Promise::new(tramp_rt::__private::VERSION) };
    generics: [] [];
    type: Occupant;
    pointer: unsafe extern "C" fn();
    declared: unsafe extern "C" fn();
    direct: tramp_rt::__private::DIRECT_MAX;
    fn: for<> extern "C" fn() -> ();
}

/// Runs `test` with all direct slots free, and then with none.
///
/// # Panics
///
/// If trampolines are not direct or mapped as they should be.
pub fn with_each_kind(test: &dyn Fn(Kind)) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || Kind::of(&Trampoline::<extern "C" fn()>::new(|| ()).expect("a slot"));

    assert_eq!(next(), Kind::Direct);
    test(Kind::Direct);
    let _live = occupy_all_direct_slots();
    assert_eq!(next(), Kind::Mapped);
    test(Kind::Mapped);
}

/// Takes every direct slot and holds it. Waits for slots that other tests of the program hold.
///
/// # Panics
///
/// If no trampoline can be made, or if a slot stays taken for a minute.
fn occupy_all_direct_slots() -> Vec<Trampoline<Occupant>> {
    let begun = Instant::now();
    let mut live = Vec::new();
    while live.len() < tramp_rt::__private::DIRECT_MAX {
        let next = Trampoline::<Occupant>::new(|| ()).expect("a slot");
        if next.is_direct() {
            live.push(next);
        } else {
            assert!(begun.elapsed() < Duration::from_secs(60), "{} direct slots", live.len());
            std::thread::yield_now();
        }
    }
    live
}

/// Takes the direct slots that are free, and holds them.
///
/// # Panics
///
/// If no trampoline can be made.
pub fn occupy_direct_slots() -> Vec<Trampoline<Occupant>> {
    let mut live = Vec::new();
    loop {
        live.push(Trampoline::<Occupant>::new(|| ()).expect("a slot"));
        if live.last().map(Kind::of) == Some(Kind::Mapped) {
            return live;
        }
    }
}

/// Runs `test` with the direct slots that are free, and again with none.
pub fn direct_and_mapped(test: impl Fn()) {
    test();
    let _live = occupy_direct_slots();
    test();
}

/// A command that runs one test of this program alone, in a process of its own.
///
/// The program runs in the same way as this one: if `TRAMP_TEST_RUNNER` names an emulator and its arguments, by that
/// emulator.
///
/// # Panics
///
/// If the program's path is not known.
pub fn alone(test: &str) -> Command {
    let mut command = program(&std::env::current_exe().expect("the program's own path"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command
}

/// Whether a process ended as `std::process::abort` and C's `abort` end one.
pub fn has_aborted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status) == Some(6); // SIGABRT
    #[cfg(windows)]
    // `__fastfail`, which is STATUS_STACK_BUFFER_OVERRUN, and of Microsoft's C library 3.
    return status.code().is_some_and(|code| [0xc000_0409, 3].contains(&u32::from_ne_bytes(code.to_ne_bytes())));
    #[cfg(not(any(unix, windows)))]
    return !status.success();
}

/// A command that runs a program of this target, by an emulator if need be.
pub fn program(path: &std::path::Path) -> Command {
    let runner = std::env::var("TRAMP_TEST_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace();
    match words.next() {
        None => Command::new(path),
        Some(emulator) => {
            let mut command = Command::new(emulator);
            command.args(words).arg(path);
            command
        }
    }
}
