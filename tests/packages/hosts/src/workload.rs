//! The work in every state. It grows far beyond the direct slots, calls all that live, drops all, and does it again.

use std::cell::RefCell;

use tramp_rt::Trampoline;

use crate::naive::Naive;
use crate::subject::{Callback, Owner, Subject, Why};

/// How many live at the same time.
pub const LIVE: u64 = 20_000;

/// A part of the work. The parts are numbers, because a library gets them as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Phase {
    /// The first use, with more than there are direct slots.
    Few = 0,
    /// Makes, calls and drops 20,000, twice.
    All = 1,
    /// Puts 20,000 in stock.
    Stock = 2,
    /// Makes, calls and drops 20,000 closures of a word, twice. They need no heap.
    FromStock = 3,
    /// Makes room for a million owners. At the limit of a resource, nothing else may fail.
    Room = 6,
    /// Makes as many more as the system allows. They stay. Fails if there is no limit.
    Fill = 4,
    /// Calls and drops what [`Fill`](Self::Fill) has left.
    Empty = 5,
}

/// Does a part of the work with the closures of `subject`. Returns 0 if all is right. Otherwise it prints why and returns 1.
pub fn work(subject: u32, phase: u32) -> u32 {
    let done = match Subject::from_number(subject) {
        Some(Subject::Tramp) => TRAMP.with_borrow_mut(|kept| act(kept, phase)),
        #[cfg(feature = "peers")]
        Some(Subject::Libffi) => LIBFFI.with_borrow_mut(|kept| act(kept, phase)),
        #[cfg(feature = "peers")]
        Some(Subject::ClosureFfi) => CLOSURE_FFI.with_borrow_mut(|kept| act(kept, phase)),
        Some(Subject::Naive) => NAIVE.with_borrow_mut(|kept| act(kept, phase)),
        _ => Err("not in this build".into()),
    };
    match done {
        Ok(()) => 0,
        Err(why) => {
            eprintln!("error: {why}");
            1
        }
    }
}

thread_local! {
    // It stays from part to part. So a state can be entered with room for what is created in it.
    static NAIVE: RefCell<Vec<Naive>> = const { RefCell::new(Vec::new()) };
    static TRAMP: RefCell<Vec<Trampoline<Callback>>> = const { RefCell::new(Vec::new()) };
    #[cfg(feature = "peers")]
    static LIBFFI: RefCell<Vec<crate::peers::Libffi>> = const { RefCell::new(Vec::new()) };
    #[cfg(feature = "peers")]
    static CLOSURE_FFI: RefCell<Vec<crate::peers::ClosureFfi>> = const { RefCell::new(Vec::new()) };
}

fn act<O: Owner>(kept: &mut Vec<O>, phase: u32) -> Result<(), String> {
    const FEW: u32 = Phase::Few as u32;
    const ALL: u32 = Phase::All as u32;
    const STOCK: u32 = Phase::Stock as u32;
    const FROM_STOCK: u32 = Phase::FromStock as u32;
    const ROOM: u32 = Phase::Room as u32;
    const FILL: u32 = Phase::Fill as u32;
    const EMPTY: u32 = Phase::Empty as u32;
    match phase {
        FEW => round(kept, 100, wide),
        ALL => round(kept, LIVE, wide).and_then(|()| round(kept, LIVE, narrow)),
        STOCK => stock(kept),
        FROM_STOCK => round(kept, LIVE, narrow).and_then(|()| round(kept, LIVE, narrow)),
        ROOM => {
            kept.reserve(1_000_000); // untouched memory costs nothing
            Ok(())
        }
        FILL => fill(kept),
        EMPTY => check_and_drop(kept),
        _ => Err(format!("no phase {phase}")),
    }
}

/// A closure of a word.
fn narrow<O: Owner>(base: u64) -> Result<O, Why> {
    O::create(move |n| base + n)
}

/// A closure of three words, which lies on the heap.
fn wide<O: Owner>(base: u64) -> Result<O, Why> {
    let captured = [base, 1, 2];
    O::create(move |n| captured[0] + captured[2] - captured[1] - 1 + n)
}

fn round<O: Owner>(live: &mut Vec<O>, count: u64, create: fn(u64) -> Result<O, Why>) -> Result<(), String> {
    for n in 0..count {
        live.push(create(n)?);
    }
    check_and_drop(live)
}

/// Uses the subject's way. If it has none, makes so many and drops them. Both also make room for their owners.
fn stock<O: Owner>(live: &mut Vec<O>) -> Result<(), String> {
    let count = usize::try_from(LIVE).expect("few");
    live.reserve(count);
    O::stock(count).unwrap_or_else(|| round(live, LIVE, narrow))
}

fn check_and_drop<O: Owner>(live: &mut Vec<O>) -> Result<(), String> {
    for (n, owner) in (0..).zip(&*live) {
        // SAFETY: live, and its closure takes any number.
        let result = unsafe { owner.callback()(7) };
        if result != n + 7 {
            return Err(format!("closure {n} returned {result}"));
        }
    }
    live.clear(); // keeps its memory
    Ok(())
}

fn fill<O: Owner>(live: &mut Vec<O>) -> Result<(), String> {
    while live.len() < live.capacity() {
        match narrow(live.len() as u64) {
            Ok(owner) => live.push(owner),
            Err(_) => return Ok(()),
        }
    }
    Err("no end was reached".into())
}
