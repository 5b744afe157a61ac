//! Two threads that create and drop at the same time, compared with one thread.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use tramp_rt::Trampoline;

use crate::child;
use crate::direct_slots::occupy;
use crate::owners::{Callback, ClosureFfi, Heap, Libffi, Owner};
use crate::race::{median, name, rounds};
use crate::report::{Bars, Table, number};

const TIMES: u64 = 2_000_000;

/// How long `threads` threads take for `TIMES` each, from the start of the first to the end of the last. Each has a CPU
/// of its own, because Linux would keep two threads that wake each other on one CPU for longer than this lasts.
fn together(threads: usize, create: fn()) -> Duration {
    let barrier = Barrier::new(threads);
    let work = &|cpu| {
        keep_to(cpu);
        create(); // the first one of each thread does more
        barrier.wait();
        let start = Instant::now();
        (0..TIMES).for_each(|_| create());
        (start, Instant::now())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|cpu| scope.spawn(move || work(cpu))).collect();
        let spans: Vec<_> = workers.into_iter().map(|worker| worker.join().expect("a thread's times")).collect();
        let start = spans.iter().map(|span| span.0).min().expect("a thread");
        let end = spans.iter().map(|span| span.1).max().expect("a thread");
        end - start
    })
}

/// Makes this thread run on one of the CPUs that it may run on.
fn keep_to(cpu: usize) {
    let bytes = size_of::<libc::cpu_set_t>();
    // SAFETY: the set consists of bits, and all may be 0.
    let (mut allowed, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: 0 stands for this thread. The sets are as large as the calls say, and the number is below the number of
    // bits in a set.
    unsafe {
        assert_eq!(libc::sched_getaffinity(0, bytes, &raw mut allowed), 0);
        let mut cpus = (0..8 * bytes).filter(|&cpu| libc::CPU_ISSET(cpu, &allowed));
        libc::CPU_SET(cpus.nth(cpu).expect("a CPU for each thread"), &mut one);
        assert_eq!(libc::sched_setaffinity(0, bytes, &raw const one), 0);
    }
}

/// A closure with 16 captured bytes.
fn closure() -> impl Fn(u64) -> u64 + Send + Sync + 'static {
    let words = black_box([1_u64, 2]);
    move |argument| words[0] + words[1] + argument
}

fn create<O>(create: impl Fn() -> O, callback: impl Fn(&O) -> Callback) {
    black_box(callback(&create()));
}

/// Each measurement has a process of its own. Otherwise the next threads would share the slots that earlier threads
/// have left, and then they would also share cache lines.
pub fn child(arguments: &[&str]) -> Vec<f64> {
    let [who, threads] = arguments else { unreachable!("the parent below names both") };
    let _occupied = (*who == name::MAPPED).then(occupy);
    let create: fn() = match *who {
        name::HEAP => || create(|| Heap::create(closure()), Heap::callback),
        name::LIBFFI => || create(|| Libffi::create(closure()), Libffi::callback),
        name::CLOSURE_FFI => || create(|| ClosureFfi::create(closure()), ClosureFfi::bare),
        _ => || create(|| <Trampoline<Callback>>::create(closure()), Trampoline::as_fn),
    };
    let threads = threads.parse().expect("a number");
    vec![(threads as u64 * TIMES) as f64 / together(threads, create).as_secs_f64() / 1e6]
}

pub fn run(bars: &mut Bars) {
    const WHO: [&str; 5] = [name::HEAP, name::DIRECT, name::MAPPED, name::LIBFFI, name::CLOSURE_FFI];
    let mut table = Table::new(&["16 captured bytes", "1 thread, M/s", "2 threads, M/s", "2 threads × 1 thread"]);
    let mut rates = vec![[Vec::new(), Vec::new()]; WHO.len()];
    for _ in 0..rounds::TENTHS_OF_SECONDS {
        for (who, rates) in WHO.iter().zip(&mut rates) {
            for (threads, rates) in ["1", "2"].iter().zip(rates) {
                rates.extend(child::measure("threads", &[who, threads]));
            }
        }
    }
    for (who, rates) in WHO.iter().zip(rates) {
        let [one, two] = rates.map(median);
        table.row(who, [number(one), number(two), number(two / one)]);
        if *who == name::DIRECT || *who == name::MAPPED {
            bars.at_least(&format!("two threads creating and dropping, {who}"), 1.6, "× one thread", two / one);
        }
    }
    println!("## Threads\n\nHow many millions all threads together create and drop in a second.\n\n{table}");
}
