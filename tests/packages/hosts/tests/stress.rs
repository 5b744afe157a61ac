//! Threads create, call, hand over and drop in no order, 10^9 times in all.
//!
//! `TRAMP_STRESS_OPERATIONS` sets another number, for sanitizers and emulators, or for a long run.

use std::sync::{Mutex, PoisonError};
use std::thread;

use tramp_rt::Trampoline;

type Get = unsafe extern "C" fn() -> u64;
/// Its slot's address is in another register. So it has another table and another pool.
type Add = unsafe extern "C" fn(u64, u64, u64, u64) -> u64;

/// The number of operations of all threads together, if no other is set. Slow builds do a thousandth.
const OPERATIONS: u64 = if cfg!(debug_assertions) { 1_000_000 } else { 1_000_000_000 };
const THREADS: u64 = 4;

/// Marsaglia's xorshift. The operations are the same each time, no matter how the threads are scheduled.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// A trampoline and what it has to return.
enum Kept {
    Get(Trampoline<Get>, u64),
    Add(Trampoline<Add>, u64),
}

impl Kept {
    fn create(kind: u64, number: u64) -> Self {
        let parts = [number / 2, number - number / 2];
        match kind % 5 {
            0 => Self::Get(Trampoline::new(move || number).expect("a slot"), number),
            1 => Self::Get(Trampoline::new(move || parts[0] + parts[1]).expect("a slot"), number),
            2 => Self::Add(Trampoline::new(move |a, b, c, d| a + b + c + d + number).expect("a slot"), number),
            3 => Self::Add(Trampoline::new_mut(move |_, _, _, _| parts[0] + parts[1] + 10).expect("a slot"), number),
            _ => {
                let boxed = Box::new(number); // so that the drop does something
                Self::Get(Trampoline::new(move || *boxed).expect("a slot"), number)
            }
        }
    }

    fn check(&self) {
        match self {
            // SAFETY: live, and any numbers will do.
            Self::Get(get, number) => assert_eq!(unsafe { get.as_fn()() }, *number),
            // SAFETY: live, and any numbers will do; no other thread has it.
            Self::Add(add, number) => assert_eq!(unsafe { add.as_fn()(1, 2, 3, 4) }, number + 10),
        }
    }
}

#[test]
fn operations_in_no_order() {
    let set = std::env::var("TRAMP_STRESS_OPERATIONS").ok().and_then(|number| number.parse().ok());
    let each = set.unwrap_or(OPERATIONS) / THREADS;
    let handed: Mutex<Vec<Kept>> = Mutex::default();
    thread::scope(|scope| {
        for thread in 1..=THREADS {
            let handed = &handed;
            scope.spawn(move || work(Random(thread << 32 | 0x9e37), each, handed));
        }
    });
    for kept in &*handed.lock().unwrap_or_else(PoisonError::into_inner) {
        kept.check();
    }
}

/// Does so many `operations`. Each creates, calls, hands over or drops one.
fn work(mut random: Random, operations: u64, handed: &Mutex<Vec<Kept>>) {
    const PLACES: usize = 512;
    let mut places: Vec<Option<Kept>> = (0..PLACES).map(|_| None).collect();
    let mut done = 0;
    while done < operations {
        let random = random.next();
        #[expect(clippy::cast_possible_truncation, reason = "some of its bits are enough")]
        let place = &mut places[random as usize % PLACES];
        let act = random >> 32;
        match place {
            None => *place = Some(Kept::create(act, random >> 40)),
            Some(_) if act.is_multiple_of(64) => {
                let mut handed = handed.lock().unwrap_or_else(PoisonError::into_inner);
                let mine = std::mem::replace(place, if handed.len() > 100 { handed.pop() } else { None });
                handed.extend(mine);
            }
            Some(_) if act.is_multiple_of(3) => *place = None,
            Some(kept) => kept.check(),
        }
        done += 1;
    }
    places.iter().flatten().for_each(Kept::check);
}
