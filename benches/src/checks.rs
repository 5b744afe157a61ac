//! The cost of a call's checks: that no other call runs (`FnMut`), and that the thread is right (`ThisThread`).

use std::hint::black_box;
use std::time::Duration;

use tramp_rt::__private::DIRECT_MAX;
use tramp_rt::Trampoline;

use crate::callers::{Callback3, WAYS, call_3};
use crate::direct_slots::{expect_direct, occupy};
use crate::race::{Alternative, Medians, race, rounds, time};
use crate::report::{Bars, Table, number};

const CALLS: u64 = 250_000;

/// The constructors, and what each call checks.
const CHECKS: [(&str, &str); WAYS] = [
    ("new", "nothing"),
    ("new_mut", "no other call runs, no drop inside it, on any thread"),
    ("local", "the thread"),
    ("local_mut", "the thread; no recursion, no drop inside the call"),
    ("scoped", "the thread"),
    ("scoped_mut", "the thread; no recursion"),
    ("scoped_any_mut", "no other call runs, on any thread"),
    ("counted", "is counted"),
    ("local_counted", "the thread; is counted"),
];

/// All of them get the same `Fn` closure, because it is an `FnMut` as well.
fn closure() -> impl Fn(u64, u64, u64) -> u64 + Send + Sync + 'static {
    let words = black_box([1_u64, 2]);
    move |a, b, c| words[0] + a + b + c
}

/// `Callback3` with enough direct thunks for one trampoline of each constructor at once.
struct Checked;

// SAFETY: the pointer types are those of the signature, and `unsafe` to call.
const PROMISE: tramp_rt::__private::Promise =
    unsafe { tramp_rt::__private::Promise::new(tramp_rt::__private::VERSION) };

tramp_rt::__private::signature! {
    promise: PROMISE;
    generics: [] [];
    type: Checked;
    pointer: Callback3;
    declared: Callback3;
    direct: DIRECT_MAX;
    fn: for<> extern "C" fn(a: u64, b: u64, c: u64,) -> u64;
}

fn race_checks(mapped: bool) -> Medians {
    type T = Trampoline<Checked>;
    fn call(way: usize, callback: Callback3) -> Duration {
        // SAFETY: C passes three integers, and every trampoline outlives the race.
        time(|| unsafe { call_3[way](black_box(callback), CALLS) })
    }

    let _occupied = mapped.then(occupy);
    let new = T::new(closure()).expect("a trampoline");
    let new_mut = T::new_mut(closure()).expect("a trampoline");
    let local = T::local(closure()).expect("a trampoline");
    let local_mut = T::local_mut(closure()).expect("a trampoline");
    expect_direct(&local_mut, !mapped);
    // These are always mapped.
    let counted = T::counted(closure()).expect("a trampoline");
    let local_counted = T::local_counted(closure()).expect("a trampoline");
    let race_with = |lent: [Callback3; 3]| {
        let owned = [new.as_fn(), new_mut.as_fn(), local.as_fn(), local_mut.as_fn()];
        let callbacks = owned.into_iter().chain(lent).chain([counted.as_fn(), local_counted.as_fn()]);
        let alternatives = callbacks.enumerate().map(|(way, callback)| {
            let (constructor, _) = CHECKS[way];
            Alternative::new(constructor, move || call(way, callback))
        });
        race(rounds::MILLISECONDS, CALLS, alternatives.collect())
    };
    let lend = |scoped| {
        T::scoped_mut(closure(), |scoped_mut| {
            T::scoped_any_mut(closure(), |scoped_any_mut| race_with([scoped, scoped_mut, scoped_any_mut]))
        })
    };
    T::scoped(closure(), lend).expect("a trampoline").expect("a trampoline").expect("a trampoline")
}

pub fn run(_: &mut Bars) {
    let (direct, mapped) = (race_checks(false), race_checks(true));
    let mut table = Table::new(&["constructor", "each call checks", "direct, ns a call", "mapped, ns a call"]);
    for (constructor, check) in CHECKS {
        table.row(constructor, [check.into(), number(direct[constructor]), number(mapped[constructor])]);
    }
    println!("## Checks\n\nThe callback has three arguments. All constructors take the same closure.\n\n{table}");
}
