//! The cost of a process's first trampoline, when nothing is mapped yet.

use tramp_rt::Trampoline;

use crate::child;
use crate::direct_slots::occupy;
use crate::owners::{Callback, ClosureFfi, Libffi, Owner};
use crate::race::{median, name, rounds, time};
use crate::report::{Bars, Table, number};

const CASES: [&str; 4] = [name::DIRECT, name::MAPPED, name::LIBFFI, name::CLOSURE_FFI];

/// 16 captured bytes.
fn closure() -> impl Fn(u64) -> u64 + Send + Sync + 'static {
    let words = std::hint::black_box([1, 2]);
    move |argument| words[0] + words[1] + argument
}

pub fn child(arguments: &[&str]) -> Vec<f64> {
    let who = arguments[0];
    let _occupied = (who == name::MAPPED).then(occupy);
    match who {
        name::LIBFFI => first_and_second::<_, Libffi<_>>(closure),
        name::CLOSURE_FFI => first_and_second::<_, ClosureFfi>(closure),
        _ => first_and_second::<_, Trampoline<Callback>>(closure),
    }
}

fn first_and_second<F, O: Owner<F>>(closure: impl Fn() -> F) -> Vec<f64> {
    let mut owners = Vec::with_capacity(2);
    [(); 2].map(|()| time(|| owners.push(O::create(closure()))).as_secs_f64() * 1e6).to_vec()
}

pub fn run(_: &mut Bars) {
    let mut table = Table::new(&["µs", "first", "second"]);
    let mut processes = vec![Vec::new(); CASES.len()];
    for _ in 0..rounds::MILLISECONDS {
        for (case, who) in CASES.iter().enumerate() {
            processes[case].push(child::measure("first", &[who]));
        }
    }
    for (who, processes) in CASES.iter().zip(processes) {
        table.row(who, [0, 1].map(|index| number(median(processes.iter().map(|times| times[index]).collect()))));
    }
    println!("## The first one\n\nEach row is measured in its own process.\n\n{table}");
}
