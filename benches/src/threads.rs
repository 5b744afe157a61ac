//! Two threads that create and drop at the same time, and one alone.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use tramp_rt::Trampoline;

use crate::direct_slots::occupy;
use crate::owners::{Callback, ClosureFfi, Heap, Libffi, Owner};
use crate::race::{Alternative, name, race, rounds};
use crate::report::{Bars, Table, number};

const TIMES: u64 = 500_000;

/// How long `threads` threads take for `TIMES` each, from the first one's start to the last one's end.
fn together(threads: usize, create: fn()) -> Duration {
    let barrier = Barrier::new(threads);
    let work = || {
        create(); // the thread's own first one
        barrier.wait();
        let start = Instant::now();
        (0..TIMES).for_each(|_| create());
        (start, Instant::now())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let spans: Vec<_> = workers.into_iter().map(|worker| worker.join().expect("a thread's times")).collect();
        let start = spans.iter().map(|span| span.0).min().expect("a thread");
        let end = spans.iter().map(|span| span.1).max().expect("a thread");
        end - start
    })
}

/// A closure with 16 captured bytes.
fn closure() -> impl Fn(u64) -> u64 + Send + Sync + 'static {
    let words = black_box([1_u64, 2]);
    move |argument| words[0] + words[1] + argument
}

fn create<O>(create: impl Fn() -> O, callback: impl Fn(&O) -> Callback) {
    black_box(callback(&create()));
}

pub fn run(bars: &mut Bars) {
    let heap = || create(|| Heap::create(closure()), Heap::callback);
    let tramp = || create(|| <Trampoline<Callback>>::create(closure()), Trampoline::as_fn);
    let libffi = || create(|| Libffi::create(closure()), Libffi::callback);
    let closure_ffi = || create(|| ClosureFfi::create(closure()), ClosureFfi::bare);

    let mut table = Table::new(&["16 captured bytes", "1 thread, M/s", "2 threads, M/s", "2 threads × 1 thread"]);
    let works: [(&str, bool, fn()); 5] = [
        (name::HEAP, false, heap),
        (name::DIRECT, false, tramp),
        (name::MAPPED, true, tramp),
        (name::LIBFFI, false, libffi),
        (name::CLOSURE_FFI, false, closure_ffi),
    ];
    let alternatives = works.iter().flat_map(|&(name, mapped, work)| {
        [1, 2].map(|threads| {
            Alternative::new(label(name, threads), move || {
                let _occupied = mapped.then(occupy);
                together(threads, work)
            })
        })
    });
    let times = race(rounds::TENTHS_OF_SECONDS, TIMES, alternatives.collect());
    for (name, ..) in works {
        let [one, two] = [1, 2].map(|threads| threads as f64 * 1e3 / times[&*label(name, threads)]);
        table.row(name, [number(one), number(two), number(two / one)]);
        if name == name::DIRECT || name == name::MAPPED {
            bars.at_least(&format!("two threads creating and dropping, {name}"), 1.6, "× one thread", two / one);
        }
    }
    println!("## Threads\n\nMillions created and dropped in a second, by all threads together.\n\n{table}");
}

fn label(name: &str, threads: usize) -> String {
    format!("{name}, {threads}")
}
