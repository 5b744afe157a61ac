//! Operations, and random sequences of them.
//!
//! An operation has a number, which chooses among what is alive by its remainder. An operation that makes no sense at its moment
//! is skipped. So every part of a sequence is a sequence, and a failure can be made shorter.
//!
//! `inside` is the number of following operations that run inside this one: in a call, a scope, a destructor or a process.

use crate::random::Random;
use crate::signature::How;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation {
    /// A closure that C keeps.
    Keep { sign: u32, state: u32, how: How },
    /// A struct of callbacks with one state.
    Table { state: u32, local: bool },
    /// A closure with user data, which C destroys.
    Notified { state: u32 },
    /// Lends a closure while operations run.
    Lend { sign: u32, state: u32, how: How, inside: u8, panics: bool },
    /// Calls one that is alive, perhaps one that runs.
    Call { which: u32, n: u64, inside: u8, panics: bool },
    /// Drops one, perhaps one that runs. Operations run in its destructor, or it panics.
    Drop { which: u32, inside: u8, panics: bool },
    /// Leaks one.
    Leak { which: u32 },
    /// Creates many, calls and drops them.
    Burst { sign: u32, count: u32 },
    /// Puts slots in stock, and uses them.
    Reserve { sign: u32, count: u32 },
    /// Gives one to any thread that takes it.
    Give { which: u32 },
    /// Takes one that any thread has given.
    Take { which: u32 },
    /// Operations of another thread, while this one waits.
    On { thread: u8, count: u8 },
    /// Operations of several threads at once.
    Storm { count: u8 },
    /// A thread ends. What it owns goes to others, is dropped, or is dropped by a destructor of the thread.
    End { thread: u8, in_destructor: bool },
    /// A thread calls what this one drops, or several call it at once.
    Race { sign: u32, how: How, spins: [u8; 2] },
    /// A process goes on with operations, drops all and ends, while this one waits for it.
    Fork { inside: u8 },
    /// A process misuses one and has to die by name.
    Misuse { which: u32 },
    /// Counts slots.
    Count,
}

/// The operations of a round.
pub(crate) fn sequence(random: &mut Random, forks: bool) -> Vec<Operation> {
    let length = if random.once_in(4) { 50 + random.below(200) } else { 500 + random.below(2_500) };
    // Rounds differ in what they do: some have few panics, some no threads.
    let threads = random.once_in(2);
    let nested = random.below(3);
    (0..length).map(|_| operation(random, threads, nested, forks)).collect()
}

fn operation(random: &mut Random, threads: bool, nested: u32, forks: bool) -> Operation {
    let sign = random.below(1_000);
    let state = random.below(1_000);
    let which = random.below(1_000_000);
    let inside = match random.below(10) {
        0..=6 => 0,
        n => u8::try_from(nested * (n - 6)).expect("small"),
    };
    let panics = random.once_in(12);
    match random.below(10_000) {
        0..3_000 => {
            let kinds = &How::KEPT;
            Operation::Keep { sign, state, how: kinds[random.below(9) as usize] }
        }
        3_000..3_200 => Operation::Table { state, local: random.once_in(2) },
        3_200..3_300 => Operation::Notified { state },
        3_300..3_700 => {
            Operation::Lend { sign, state, how: How::LENT[random.below(6) as usize], inside: inside * 2 + 2, panics }
        }
        3_700..7_000 => Operation::Call { which, n: random.next(), inside, panics },
        7_000..9_500 => Operation::Drop { which, inside, panics },
        9_500..9_505 => Operation::Leak { which },
        9_505..9_515 => Operation::Burst { sign, count: 1 + random.below(700) },
        9_515..9_520 => Operation::Reserve { sign, count: random.below(600) },
        9_520..9_720 if threads => Operation::Give { which },
        9_720..9_900 if threads => Operation::Take { which },
        9_900..9_930 if threads => Operation::On {
            thread: u8::try_from(random.below(3)).expect("small"),
            count: u8::try_from(random.below(60)).expect("small"),
        },
        9_930..9_945 if threads => Operation::Storm { count: u8::try_from(random.below(250)).expect("small") },
        9_945..9_948 if threads => {
            Operation::End { thread: u8::try_from(random.below(3)).expect("small"), in_destructor: random.once_in(2) }
        }
        9_948..9_955 if threads => {
            let hows = [How::NewMut, How::Counted, How::New, How::Protected, How::ScopedAny];
            let spin = |n: u32| u8::try_from(n).expect("small");
            let spins = [spin(random.below(64)), spin(random.below(64))];
            Operation::Race { sign, how: hows[random.below(5) as usize], spins }
        }
        9_955..9_957 if forks => Operation::Fork { inside: u8::try_from(random.below(60)).expect("small") },
        9_957..9_960 if forks => Operation::Misuse { which },
        9_960..9_980 => Operation::Count,
        _ => Operation::Call { which, n: random.next(), inside: 0, panics: false },
    }
}
