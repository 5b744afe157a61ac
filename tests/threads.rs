//! Threads that create, call, hand over and drop trampolines at the same time.

#![allow(clippy::undocumented_unsafe_blocks, reason = "every unsafe block calls a live trampoline")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use tramp_rt::Trampoline;
use tramp_test_support::occupy_direct_slots;

type Get = unsafe extern "C" fn() -> usize;

/// The rounds of each thread. There are more where the code is fast.
const ROUNDS: usize = if cfg!(debug_assertions) { 20_000 } else { 400_000 };
const THREADS: usize = 8;

#[test]
fn threads_do_not_mix_up_their_closures() {
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let start = &start;
            scope.spawn(move || {
                let mut random = thread as u64 + 1;
                let mut live: Vec<(usize, Trampoline<Get>)> = Vec::new();
                start.wait();
                for round in 0..ROUNDS {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let value = thread * ROUNDS + round;
                    if live.len() < 200 && random % 3 != 0 {
                        let large = (random % 2 == 0).then_some([value; 4]);
                        live.push((value, Trampoline::new(move || large.map_or(value, |all| all[3])).expect("a slot")));
                    } else if !live.is_empty() {
                        let chosen = usize::try_from(random >> 32).expect("32 bits") % live.len();
                        let (value, get) = live.swap_remove(chosen);
                        assert_eq!(unsafe { (get.as_fn())() }, value);
                    }
                }
                for (value, get) in live {
                    assert_eq!(unsafe { (get.as_fn())() }, value);
                }
            });
        }
    });
}

#[test]
fn trampolines_made_by_one_thread_are_called_and_dropped_by_another() {
    let _live = occupy_direct_slots();
    let (sender, receiver) = mpsc::sync_channel::<(usize, Trampoline<Get>)>(1_000);
    let producer = thread::spawn(move || {
        for value in 0..ROUNDS {
            sender.send((value, Trampoline::new(move || value).expect("a slot"))).expect("a consumer");
        }
    });
    for (value, get) in receiver {
        assert_eq!(unsafe { (get.as_fn())() }, value);
    }
    producer.join().expect("no panic");
}

#[test]
fn one_trampoline_is_called_by_all_threads_at_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let count = Trampoline::<Get>::new(move || counted.fetch_add(1, Ordering::Relaxed)).expect("a slot");
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    unsafe { (count.as_fn())() };
                }
            });
        }
    });
    assert_eq!(calls.load(Ordering::Relaxed), THREADS * ROUNDS);
}

#[test]
fn once_closures_are_called_by_other_threads_than_made_them() {
    let _live = occupy_direct_slots();
    let calls = Arc::new(AtomicUsize::new(0));
    for _ in 0..20 {
        let all: Vec<_> = (0..500)
            .map(|_| {
                let calls = calls.clone();
                Trampoline::<Get>::once(move || calls.fetch_add(1, Ordering::Relaxed)).expect("a slot")
            })
            .collect();
        thread::spawn(move || {
            for once in all {
                unsafe { once() };
            }
        })
        .join()
        .expect("no panic");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 20 * 500);
    assert_eq!(Arc::strong_count(&calls), 1, "every closure freed itself");
}

#[test]
fn threads_that_end_leave_nothing_behind() {
    let _live = occupy_direct_slots();
    let round = || {
        thread::spawn(|| {
            let all: Vec<_> = (0..1_000).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")).collect();
            drop(all);
        })
        .join()
        .expect("no panic");
    };
    // Other tests of this process map tables too: what counts is that the number stays far below one table a thread.
    let before = mappings();
    for _ in 0..300 {
        round();
    }
    assert!(mappings() < before + 150, "{before} mappings became {}", mappings());
}

#[test]
fn trampolines_work_while_thread_locals_are_destroyed() {
    struct AtExit(mpsc::Sender<usize>);
    impl Drop for AtExit {
        fn drop(&mut self) {
            let live: Vec<_> = (0..20).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")).collect();
            let sum = live.iter().map(|get| unsafe { (get.as_fn())() }).sum();
            self.0.send(sum).expect("a receiver");
        }
    }
    thread_local!(static AT_EXIT: std::cell::RefCell<Option<AtExit>> = const { std::cell::RefCell::new(None) });

    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        AT_EXIT.with(|at_exit| *at_exit.borrow_mut() = Some(AtExit(sender)));
        // Registered later, so destroyed earlier: the cache is gone when `AtExit` runs.
        let _first: Vec<_> = (0..20).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")).collect();
    })
    .join()
    .expect("no panic");
    assert_eq!(receiver.recv(), Ok((0..20).sum()));
}

fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").expect("/proc").lines().count()
}
